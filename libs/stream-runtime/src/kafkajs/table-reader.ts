import { randomUUID } from 'node:crypto'
import type { Admin, Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { TopicPartition } from '../kafka-port.ts'
import { StreamError } from '../stream-error.ts'
import { orTrouble, troubleOf } from './kafka-trouble.ts'
import { checkCompacted } from './topics.ts'

export interface TableReader {
  /** As `KafkaPort.readTable`. */
  read(place: TopicPartition): Promise<Map<string, Buffer>>
  close(): Promise<void>
}

/** A partition on its way from its beginning to the end that it had. */
interface Reading {
  readonly values: Map<string, Buffer>
  expected: bigint
  end: bigint
  readonly finished: PromiseWithResolvers<void>
}

/** A consumer alone in a group of its own, for as long as somebody reads with it; no partition is read twice with one. */
interface Session {
  readonly consumer: Consumer
  /** Rejects when the consumer has ended, and where the topic is not compacted. */
  readonly ready: Promise<unknown>
  end(reason: Error): void
  readonly readings: Map<number, Reading>
  readonly seen: Set<number>
}

/** No answer for so long is trouble: a partition's state is read in seconds. */
const readWithinMs = 60_000

/**
 * Reads whole partitions of compacted topics. kafkajs fetches for members of a group only, and all partitions of the topic
 * are this member's: those that nobody reads are paused.
 */
export function createTableReader(kafka: Kafka, admin: Admin, groupId: string): TableReader {
  const sessions = new Map<string, Session>()
  const every = new Set<Session>()

  function sessionFor({ topic, partition }: TopicPartition): Session {
    const current = sessions.get(topic)
    if (current !== undefined && !current.seen.has(partition)) return current
    const session = openSession(kafka, admin, topic, `${groupId}-state-${randomUUID()}`)
    sessions.set(topic, session)
    every.add(session)
    return session
  }

  async function close(session: Session): Promise<void> {
    for (const [topic, one] of sessions) if (one === session) sessions.delete(topic)
    every.delete(session)
    session.end(new Error('no longer read'))
    await session.consumer.disconnect().catch(() => undefined)
  }

  return {
    async read(place) {
      const session = sessionFor(place)
      const { readings, seen } = session
      const reading: Reading = { values: new Map(), expected: 0n, end: 0n, finished: Promise.withResolvers() }
      reading.finished.promise.catch(() => undefined)
      readings.set(place.partition, reading)
      seen.add(place.partition)
      try {
        await session.ready
        await readWhole(session.consumer, admin, place, reading)
        return reading.values
      } finally {
        readings.delete(place.partition)
        if (readings.size === 0) void close(session)
      }
    },
    async close() {
      await Promise.all([...every].map(close))
    },
  }
}

function openSession(kafka: Kafka, admin: Admin, topic: string, groupId: string): Session {
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 50,
    allowAutoTopicCreation: false,
    readUncommitted: false,
  })
  const readings = new Map<number, Reading>()
  const joined = Promise.withResolvers<void>()
  joined.promise.catch(() => undefined)
  const end = (reason: Error): void => {
    const trouble = troubleOf(`reading ${topic}`, reason)
    joined.reject(trouble)
    for (const { finished } of readings.values()) finished.reject(trouble)
  }
  let isJoined = false
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    consumer.pause([{ topic, partitions: payload.memberAssignment[topic] ?? [] }])
    if (isJoined) end(new Error('interrupted'))
    isJoined = true
    joined.resolve()
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error))
  // Only control records or aborted ones: kafkajs passes over them without calling the handler.
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) advance(readings.get(payload.partition), BigInt(payload.lastOffset) + 1n)
  })
  void begin().catch(end)

  async function begin(): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => take(readings.get(payload.batch.partition), payload),
    })
  }

  const ready = Promise.all([checkCompacted(admin, topic), joined.promise])
  return { consumer, ready, end, readings, seen: new Set() }
}

async function readWhole(consumer: Consumer, admin: Admin, place: TopicPartition, reading: Reading): Promise<void> {
  const { topic, partition } = place
  const bounds = await orTrouble('reading the state', () => admin.fetchTopicOffsets(topic))
  if (bounds.length === 0) throw new StreamError('KAFKA_TROUBLE', `${topic} has no partitions at the moment`)
  const bound = bounds.find((entry) => entry.partition === partition)
  if (bound === undefined)
    throw new StreamError(
      'STATE_TOPIC_INVALID',
      `${topic} has no partition ${partition}: it needs as many partitions as the topic that is read`,
    )
  reading.expected = BigInt(bound.low)
  reading.end = BigInt(bound.high)
  if (reading.expected >= reading.end) return
  const tooLong = setTimeout(
    () => reading.finished.reject(new StreamError('KAFKA_TROUBLE', `${topic}-${partition} was not read in time`)),
    readWithinMs,
  )
  try {
    consumer.seek({ topic, partition, offset: bound.low })
    consumer.resume([{ topic, partitions: [partition] }])
    await reading.finished.promise
  } finally {
    clearTimeout(tooLong)
    consumer.pause([{ topic, partitions: [partition] }])
  }
}

function take(reading: Reading | undefined, { batch, resolveOffset }: EachBatchPayload): void {
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string }
  if (reading === undefined || BigInt(fetchedOffset) !== reading.expected) return
  for (const { key, value } of batch.messages) {
    if (value === null) reading.values.delete(key!.toString())
    else reading.values.set(key!.toString(), value)
  }
  resolveOffset(batch.messages.at(-1)!.offset)
  advance(reading, BigInt(batch.lastOffset()) + 1n)
}

function advance(reading: Reading | undefined, next: bigint): void {
  // Nothing is asked of a reading that has no end yet.
  if (reading === undefined || reading.end === 0n) return
  reading.expected = next
  if (next >= reading.end) reading.finished.resolve()
}
