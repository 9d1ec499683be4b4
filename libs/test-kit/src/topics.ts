import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import type { IHeaders } from 'kafkajs'

/** Creates topics (name → partitions) under names no other test uses. Returns name → real name. */
export async function createTestTopics<Name extends string>(
  brokers: readonly string[],
  partitions: Readonly<Record<Name, number>>,
): Promise<Record<Name, string>> {
  const run = randomUUID().slice(0, 8)
  const names = Object.keys(partitions) as Name[]
  const realNames = Object.fromEntries(names.map((name) => [name, `${name}.${run}`])) as Record<Name, string>
  const admin = openKafka(brokers).admin()
  await admin.connect()
  try {
    const topics = names.map((name) => ({ topic: realNames[name], numPartitions: partitions[name] }))
    await admin.createTopics({ topics, waitForLeaders: true })
  } finally {
    await admin.disconnect()
  }
  return realNames
}

export interface TopicRecord {
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: IHeaders
}

/**
 * Every committed record that the topic holds now, in offset order within each partition. Waits for a transaction
 * that is open; aborted records are not among them.
 */
export async function readTopic(brokers: readonly string[], topic: string): Promise<TopicRecord[]> {
  const kafka = openKafka(brokers)
  const unread = await endOffsets(kafka, topic)
  if (unread.size === 0) return []
  const records: TopicRecord[] = []
  const consumer = kafka.consumer({
    groupId: `read-topic.${randomUUID()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  })
  const finished = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    // Ends of batches, not records, tell how far it has read: the last offsets may be commit markers.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      if (BigInt(lastOffset) + 1n >= (unread.get(partition) ?? 0n)) unread.delete(partition)
      if (unread.size === 0) resolve()
    })
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: { offset, key, value, headers = {} } }) =>
        void records.push({ partition, offset: BigInt(offset), key, value, headers }),
    })
    await finished
  } finally {
    await consumer.disconnect()
  }
  return records.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
}

/** Of the partitions that hold anything: where each ends. */
async function endOffsets(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    const filled = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low))
    return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]))
  } finally {
    await admin.disconnect()
  }
}

const openKafka = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'raison-test-kit', brokers: [...brokers], logLevel: logLevel.NOTHING })
