import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Admin, type KafkaMessage, type Producer } from 'kafkajs'
import { createTopics, readTopic, sendAtOnce } from '@raison/stream-runtime'

export interface InputRecord {
  readonly key: string
  readonly value: Buffer
}

/** A committed record. */
export interface ReadRecord {
  /** `topic/partition/offset`. */
  readonly position: string
  /** When the broker appended it, or when a follower received it, milliseconds since 1970. */
  readonly time: number
  /** The position of the record that it was made from, where it says so. */
  readonly source: string | undefined
  /** Of its value. */
  readonly bytes: number
}

export interface Follower {
  /** Stops when it has so many records, and gives them with the times of their arrival. */
  received(count: number): Promise<ReadRecord[]>
}

/** A cluster, and the topics made on it, which `close` deletes. */
export interface Topics {
  readonly brokers: readonly string[]
  create(topic: string, partitions: number, policy?: 'delete' | 'compact'): Promise<void>
  /** Writes the records, to the partitions in turn; nobody can read them before the answer is called. */
  hold(topic: string, partitions: number, records: readonly InputRecord[]): Promise<() => Promise<void>>
  /** Writes the records, to the partitions in turn. */
  send(topic: string, partitions: number, records: readonly InputRecord[]): Promise<void>
  /** Writes the records as they fall due at so many a second, to the partitions in turn. */
  sendPaced(topic: string, partitions: number, records: readonly InputRecord[], perSecond: number): Promise<void>
  /** Resolves when the group has so many members and each knows its partitions. */
  joined(groupId: string, members: number): Promise<void>
  /** Resolves when the group has committed so many records of the topic, which were written to its partitions in turn. */
  consumed(groupId: string, topic: string, partitions: number, records: number): Promise<void>
  read(topic: string): Promise<ReadRecord[]>
  readValues(topic: string): Promise<Buffer[]>
  /** Reads what is committed as it comes. */
  follow(topic: string): Promise<Follower>
  close(): Promise<void>
}

export async function openTopics(brokers: readonly string[]): Promise<Topics> {
  const kafka = new Kafka({
    clientId: 'raison-bench',
    brokers: [...brokers],
    socketFactory: sendAtOnce,
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  const created: string[] = []
  await admin.connect()
  return {
    brokers,
    async create(topic, numPartitions, policy = 'delete') {
      const configEntries = [
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
        { name: 'cleanup.policy', value: policy },
      ]
      await createTopics(admin, [{ topic, numPartitions, configEntries }])
      created.push(topic)
    },
    hold: (topic, partitions, records) => hold(kafka, topic, inTurn(records, partitions)),
    send: (topic, partitions, records) => send(kafka, topic, inTurn(records, partitions)),
    sendPaced: (topic, partitions, records, perSecond) =>
      sendPaced(kafka, topic, inTurn(records, partitions), perSecond),
    async joined(groupId, members) {
      for (;;) {
        const { groups } = await repeatWhileRetriable(() => admin.describeGroups([groupId]))
        if (groups[0]!.state === 'Stable' && groups[0]!.members.length === members) return
        await pause(250)
      }
    },
    consumed: (groupId, topic, partitions, records) => waitUntilConsumed(admin, groupId, topic, partitions, records),
    read: (topic) => read(kafka, topic),
    async readValues(topic) {
      const values: Buffer[] = []
      await readTopic(kafka, topic, ({ value }) => void values.push(value!))
      return values
    },
    follow: (topic) => follow(kafka, topic),
    async close() {
      await admin.deleteTopics({ topics: created })
      await admin.disconnect()
    },
  }
}

type PlacedRecord = InputRecord & { readonly partition: number }

function inTurn(records: readonly InputRecord[], partitions: number): PlacedRecord[] {
  return records.map((record, k) => ({ ...record, partition: k % partitions }))
}

const heldMs = 600_000

/** One transaction that stays open: readers of what is committed wait for its end. */
async function hold(kafka: Kafka, topic: string, records: readonly PlacedRecord[]): Promise<() => Promise<void>> {
  const producer = kafka.producer({
    transactionalId: `${topic}.held`,
    transactionTimeout: heldMs,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const transaction = await repeatWhileRetriable(() => producer.transaction())
  for (let start = 0; start < records.length; start += 1000)
    await transaction.send({ topic, messages: records.slice(start, start + 1000) })
  return async () => {
    await transaction.commit()
    await producer.disconnect()
  }
}

async function send(kafka: Kafka, topic: string, records: readonly PlacedRecord[]): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let start = 0; start < records.length; start += 1000)
    await producer.send({ topic, messages: records.slice(start, start + 1000) })
  await producer.disconnect()
}

const tickMs = 5

async function sendPaced(
  kafka: Kafka,
  topic: string,
  records: readonly PlacedRecord[],
  perSecond: number,
): Promise<void> {
  const producer: Producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const began = performance.now()
  for (let sent = 0; sent < records.length;) {
    const due = Math.min(records.length, Math.ceil(((performance.now() - began) / 1000) * perSecond))
    if (due > sent) await producer.send({ topic, messages: records.slice(sent, due) })
    sent = due
    await pause(tickMs)
  }
  await producer.disconnect()
}

async function waitUntilConsumed(
  admin: Admin,
  groupId: string,
  topic: string,
  partitions: number,
  records: number,
): Promise<void> {
  const ends = Array.from({ length: partitions }, (_, partition) => Math.ceil((records - partition) / partitions))
  for (;;) {
    const [committed] = await repeatWhileRetriable(() => admin.fetchOffsets({ groupId, topics: [topic] }))
    const positions = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    if (ends.every((end, partition) => end === 0 || (positions.get(partition) ?? -1) >= end)) return
    await pause(250)
  }
}

const patienceMs = 60_000

interface KafkaError extends Error {
  readonly retriable?: boolean
  readonly cause?: KafkaError
}

/** A group or topic that is new, and a broker that has just started, answer with errors that pass; kafkajs does not always ask again. */
async function repeatWhileRetriable<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const { retriable, cause } = error as KafkaError
      if ((retriable !== true && cause?.retriable !== true) || performance.now() > deadline) throw error
      await pause(250)
    }
  }
}

async function read(kafka: Kafka, topic: string): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  await repeatWhileRetriable(async () => {
    records.length = 0
    await readTopic(kafka, topic, (message) => {
      records.push({ ...describe(topic, message.partition, message), time: Number(message.timestamp) })
    })
  })
  return records
}

async function follow(kafka: Kafka, topic: string): Promise<Follower> {
  const consumer = kafka.consumer({ groupId: `${topic}.follow`, readUncommitted: false, maxWaitTimeInMs: 100 })
  const records: ReadRecord[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const { promise: joined, resolve } = Promise.withResolvers<void>()
  consumer.on(consumer.events.GROUP_JOIN, () => resolve())
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages } }) => {
      const time = Date.now()
      for (const message of messages) records.push({ ...describe(topic, partition, message), time })
    },
  })
  await joined
  return {
    async received(count) {
      while (records.length < count) await pause(50)
      await consumer.disconnect()
      return records
    },
  }
}

function describe(
  topic: string,
  partition: number,
  { offset, headers, value }: KafkaMessage,
): Omit<ReadRecord, 'time'> {
  const source = headers?.['raison-source']?.toString()
  return { position: `${topic}/${partition}/${offset}`, source, bytes: value?.length ?? 0 }
}
