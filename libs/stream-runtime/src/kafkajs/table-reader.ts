import { randomUUID } from 'node:crypto'
import type { Admin, Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { TopicPartition } from '../kafka-port.ts'
import { StreamError } from '../stream-error.ts'
import { orTrouble } from './kafka-trouble.ts'

export interface TableReader {
  /** As `KafkaPort.readTable`. */
  read(place: TopicPartition): Promise<Map<string, Buffer>>
  close(): Promise<void>
}

/** A partition on its way from its beginning to the end that it had. */
interface Reading {
  readonly values: Map<string, Buffer>
  expected: bigint
  readonly end: bigint
  readonly finished: PromiseWithResolvers<void>
}

/** No answer for so long is trouble: a partition's state is read in seconds. */
const readWithinMs = 60_000

/**
 * Reads whole partitions of compacted topics. kafkajs fetches for members of a group only, so each topic has a consumer alone
 * in a group of its own, opened when first needed; all its partitions are paused but for those being read.
 */
export function createTableReader(kafka: Kafka, admin: Admin, groupId: string): TableReader {
  const consumers = new Map<string, Promise<Consumer>>()
  const readings = new Map<string, Reading>()

  async function open(topic: string): Promise<Consumer> {
    const consumer = kafka.consumer({
      groupId: `${groupId}-state-${randomUUID()}`,
      maxWaitTimeInMs: 50,
      allowAutoTopicCreation: false,
      readUncommitted: false,
    })
    const joined = Promise.withResolvers<void>()
    const interrupt = (reason: string): void => {
      for (const [place, { finished }] of readings)
        if (place.startsWith(`${topic}-`)) finished.reject(new StreamError('KAFKA_TROUBLE', reason))
    }
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      consumer.pause([{ topic, partitions: payload.memberAssignment[topic] ?? [] }])
      interrupt(`reading ${topic} was interrupted`)
      joined.resolve()
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      interrupt(`reading ${topic}: ${payload.error.message}`)
      if (!payload.restart) joined.reject(payload.error)
    })
    // Only control records or aborted ones: kafkajs passes over them without calling the handler.
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) advance(readings.get(keyOf(payload)), BigInt(payload.lastOffset) + 1n)
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => take(readings.get(keyOf(payload.batch)), payload),
      })
      await joined.promise
      return consumer
    } catch (error) {
      await consumer.disconnect().catch(() => undefined)
      throw error
    }
  }

  return {
    async read(place) {
      const { topic, partition } = place
      if (!consumers.has(topic)) consumers.set(topic, open(topic))
      const consumer = await consumers.get(topic)!.catch((error: Error) => {
        consumers.delete(topic)
        throw new StreamError('KAFKA_TROUBLE', `reading ${topic}: ${error.message}`, { cause: error })
      })
      const bounds = await orTrouble('reading the state', () => admin.fetchTopicOffsets(topic))
      const bound = bounds.find((entry) => entry.partition === partition)
      if (bound === undefined)
        throw new StreamError(
          'STATE_TOPIC_INVALID',
          `${topic} has no partition ${partition}: it needs as many partitions as the topic that is read`,
        )
      const reading: Reading = {
        values: new Map(),
        expected: BigInt(bound.low),
        end: BigInt(bound.high),
        finished: Promise.withResolvers(),
      }
      if (reading.expected >= reading.end) return reading.values
      readings.set(keyOf(place), reading)
      const tooLong = setTimeout(
        () => reading.finished.reject(new StreamError('KAFKA_TROUBLE', `${topic}-${partition} was not read in time`)),
        readWithinMs,
      )
      try {
        consumer.seek({ topic, partition, offset: bound.low })
        consumer.resume([{ topic, partitions: [partition] }])
        await reading.finished.promise
        return reading.values
      } finally {
        clearTimeout(tooLong)
        readings.delete(keyOf(place))
        consumer.pause([{ topic, partitions: [partition] }])
      }
    },
    async close() {
      const opened = await Promise.allSettled(consumers.values())
      await Promise.allSettled(opened.map((one) => one.status === 'fulfilled' && one.value.disconnect()))
    },
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
  if (reading === undefined) return
  reading.expected = next
  if (next >= reading.end) reading.finished.resolve()
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
