import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { GroupListener, TopicPartition } from '../kafka-port.ts'
import { StreamError } from '../stream-error.ts'
import { missingRight } from './missing-right.ts'
import { createPartitionFeed, type PartitionFeed } from './partition-feed.ts'
import { refusedConnection } from './refused-connection.ts'

export interface GroupConsumer {
  start(): Promise<void>
  /** Fetches from this position on; whatever was fetched before is dropped. */
  feedFrom(assigned: TopicPartition, position: string): PartitionFeed
  nextHeartbeat(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

export interface GroupOptions {
  readonly brokers: readonly string[]
  readonly groupId: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly lingerMs: number
}

/** A login is mended by a person: asking every second would only fill the logs. */
const refusedMs = 3000

/** Bytes held of all partitions, so that their number does not decide the memory; and of one, two batches of 1,000 records of 1 kB. */
const [mostBytes, mostOfPartition] = [64_000_000, 2_000_000]

/**
 * One kafkajs consumer whose handler only hands records over to the feeds: its loop goes on fetching and sending heartbeats while
 * partitions are at work, and a partition that is held does not hold the others.
 */
export function createGroupConsumer(kafka: Kafka, options: GroupOptions, listener: GroupListener): GroupConsumer {
  const { groupId, topics, sessionTimeoutMs, lingerMs } = options
  let partitionCount = 1
  const feeds = new Map<string, PartitionFeed>()
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 60_000,
    heartbeatInterval: 1000,
    // A resumed partition joins the next fetch: this is how long it can wait for the one under way.
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1_048_576,
    maxBytes: 10_485_760,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    // Without `restartOnFailure` the consumer starts itself anew after every crash that a retry may cure.
    retry: { initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 1000, retries: 40 },
  })
  const counting: GroupListener = {
    ...listener,
    assigned(partitions) {
      partitionCount = partitions.length
      listener.assigned(partitions)
    },
  }
  const ended = new AbortController()
  const run = (): Promise<void> =>
    consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => handOver(feeds, payload),
    })
  const runLater = async (): Promise<void> => {
    await sleep(refusedMs, undefined, { signal: ended.signal }).then(run, () => undefined)
  }
  listenToGroup(consumer, options, feeds, counting, runLater)

  return {
    async start() {
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await run()
    },
    feedFrom(assigned, position) {
      const { topic, partition } = assigned
      const place = [{ topic, partitions: [partition] }]
      const feed = createPartitionFeed(assigned, position, {
        enough: Math.min(mostOfPartition, mostBytes / partitionCount),
        lingerMs,
        pause: () => consumer.pause(place),
        resume: () => consumer.resume(place),
      })
      feeds.set(keyOf(assigned), feed)
      consumer.seek({ topic, partition, offset: position })
      consumer.resume(place)
      return feed
    },
    async nextHeartbeat(signal) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const removeListener = consumer.on(consumer.events.HEARTBEAT, () => resolve())
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (!signal.aborted) await promise
      removeListener()
    },
    stop() {
      ended.abort()
      return consumer.disconnect()
    },
  }
}

function listenToGroup(
  consumer: Consumer,
  { brokers, groupId, topics }: GroupOptions,
  feeds: Map<string, PartitionFeed>,
  listener: GroupListener,
  runLater: () => Promise<void>,
): void {
  const { GROUP_JOIN, REBALANCING, CRASH, HEARTBEAT, START_BATCH_PROCESS } = consumer.events
  consumer.on(GROUP_JOIN, ({ payload }) => {
    feeds.clear()
    const assignment = Object.entries(payload.memberAssignment)
    // Nothing is fetched before the position has been read.
    consumer.pause(assignment.map(([topic, partitions]) => ({ topic, partitions })))
    listener.seen()
    listener.assigned(
      assignment.flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))),
    )
  })
  consumer.on(REBALANCING, () => listener.revoked())
  consumer.on(CRASH, ({ payload }) => {
    listener.revoked()
    const { error, restart } = payload
    const refusal = refusedConnection(error, brokers)
    if (refusal !== undefined) listener.refused(refusal)
    if (restart) return
    if (refusal !== undefined) return runLater()
    const gaveUp = new StreamError('CONSUMER_FAILED', `the consumer gave up: ${error.message}`, { cause: error })
    listener.failed(missingRight(error, `reading ${topics.join(', ')} in group ${groupId}`) ?? gaveUp)
  })
  // A FETCH event is no sign of life: it also follows a fetch that failed.
  consumer.on(HEARTBEAT, () => listener.seen())
  consumer.on(START_BATCH_PROCESS, ({ payload }) => {
    // Only control records or aborted ones: kafkajs passes over them without calling the handler.
    const feed = feeds.get(keyOf(payload))
    if (payload.batchSize === 0 && feed !== undefined) feed.expected = BigInt(payload.lastOffset) + 1n
  })
}

async function handOver(
  feeds: Map<string, PartitionFeed>,
  { batch, isStale, resolveOffset }: EachBatchPayload,
): Promise<void> {
  const feed = feeds.get(keyOf(batch))
  if (feed === undefined || isStale()) return
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string }
  if (BigInt(fetchedOffset) !== feed.expected)
    return feed.fail(
      new StreamError('KAFKA_TROUBLE', `fetched from ${fetchedOffset} where ${feed.expected} comes next`),
    )
  resolveOffset(batch.messages.at(-1)!.offset)
  feed.expected = BigInt(batch.lastOffset()) + 1n
  feed.push(batch.messages, String(feed.expected), batch.highWatermark)
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
