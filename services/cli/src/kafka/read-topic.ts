import { randomUUID } from 'node:crypto'
import type { Kafka, KafkaMessage } from 'kafkajs'
import { CliError } from '../report-error.ts'

export type ReadMessage = KafkaMessage & { readonly partition: number }

/**
 * Every committed record of a topic up to its end at the call, handed over as it comes: in order within a partition. What has
 * been read is not committed. Throws TOPIC_MISSING.
 */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    if (!(await admin.listTopics()).includes(topic))
      throw new CliError('TOPIC_MISSING', `no topic ${topic} on this cluster: raison topics --create`)
    const offsets = await admin.fetchTopicOffsets(topic)
    const unread = new Map(
      offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, +high]),
    )
    if (unread.size > 0) await readUntil(kafka, topic, unread, onRecord)
  } finally {
    await admin.disconnect()
  }
}

async function readUntil(
  kafka: Kafka,
  topic: string,
  unread: Map<number, number>,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  const groupId = `raison-read-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: 100 })
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error))
  // The last offsets may be markers of transactions: only the end of a batch says how far it has read.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (Number(lastOffset) + 1 >= (unread.get(partition) ?? 0)) unread.delete(partition)
    if (unread.size === 0) resolve()
  })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages } }) => {
        for (const message of messages) await Promise.resolve(onRecord({ ...message, partition })).catch(reject)
      },
    })
    await finished
  } finally {
    await consumer.disconnect()
  }
}
