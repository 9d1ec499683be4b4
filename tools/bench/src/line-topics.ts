import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
// Repairs how kafkajs reads topics with aborted transactions.
import '@raison/stream-runtime'

export interface InputRecord {
  readonly key: string
  readonly value: Buffer
}

/** A cluster, and the topics made on it, which `close` deletes. */
export interface Topics {
  readonly brokers: readonly string[]
  create(topic: string, partitions: number): Promise<void>
  send(topic: string, records: readonly InputRecord[]): Promise<void>
  /** Resolves when the group has committed every record of the topic. */
  consumed(groupId: string, topic: string): Promise<void>
  /** When the broker appended each committed record, milliseconds since 1970. */
  appendTimes(topic: string): Promise<number[]>
  close(): Promise<void>
}

export async function openTopics(brokers: readonly string[]): Promise<Topics> {
  const kafka = new Kafka({ clientId: 'raison-bench', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const created: string[] = []
  await admin.connect()
  return {
    brokers,
    async create(topic, numPartitions) {
      const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, configEntries }] })
      created.push(topic)
    },
    send: (topic, records) => send(kafka, topic, records),
    consumed: (groupId, topic) => waitUntilConsumed(admin, groupId, topic),
    appendTimes: (topic) => readAppendTimes(kafka, admin, topic),
    async close() {
      await admin.deleteTopics({ topics: created })
      await admin.disconnect()
    },
  }
}

/** Each record once: a producer that is not idempotent could double what it sends again. */
async function send(kafka: Kafka, topic: string, records: readonly InputRecord[]): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let start = 0; start < records.length; start += 1000)
    await producer.send({ topic, messages: records.slice(start, start + 1000) })
  await producer.disconnect()
}

async function waitUntilConsumed(admin: Admin, groupId: string, topic: string): Promise<void> {
  const ends = await admin.fetchTopicOffsets(topic)
  for (;;) {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
    const positions = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    if (ends.every(({ partition, high }) => positions.get(partition)! >= Number(high) || high === '0')) return
    await pause(250)
  }
}

async function readAppendTimes(kafka: Kafka, admin: Admin, topic: string): Promise<number[]> {
  const offsets = await admin.fetchTopicOffsets(topic)
  const unread = new Map(offsets.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, +high]))
  const consumer = kafka.consumer({ groupId: `${topic}.read`, readUncommitted: false, maxWaitTimeInMs: 100 })
  const { promise: read, resolve, reject } = Promise.withResolvers<void>()
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  // The last offsets may be commit markers: only the end of a batch says how far it has read.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (Number(lastOffset) + 1 >= (unread.get(partition) ?? 0)) unread.delete(partition)
    if (unread.size === 0) resolve()
  })
  const times: number[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => batch.messages.forEach(({ timestamp }) => times.push(Number(timestamp))),
  })
  await read
  await consumer.disconnect()
  return times
}
