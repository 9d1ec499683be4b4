import { randomUUID } from 'node:crypto'
import type { Kafka, KafkaMessage } from 'kafkajs'
import './skip-aborted-records.ts'

export type ReadMessage = KafkaMessage & { readonly partition: number }

/**
 * Every record of a topic that can be read when it is called, handed over as it comes: once, and in order within a partition. In each
 * partition that is up to the first transaction that is open then. Commits no position. Rejects with what `onRecord` throws or rejects with.
 */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  const ends = await endsOf(kafka, topic)
  if (ends.size > 0) await readUntil(ends, kafka, topic, onRecord)
}

/** Of the partitions that hold anything: the offset after the last one that can be read (kafkajs asks for what is committed). */
async function endsOf(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    const filled = offsets.filter(({ low, high }) => low !== high)
    return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]))
  } finally {
    await admin.disconnect()
  }
}

/** A broker that has just started knows no coordinator for seconds; without a broker kafkajs would begin anew for ever. */
const mostRestarts = 5

async function readUntil(
  ends: ReadonlyMap<number, bigint>,
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  const groupId = `raison-read-${randomUUID()}`
  let restarts = 0
  const retry = { retries: 5, restartOnFailure: () => Promise.resolve(++restarts <= mostRestarts) }
  const consumer = kafka.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: 100, retry })
  const unread = new Set(ends.keys())
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error))
  // The last offsets may be markers of transactions: only the end of a batch says how far it has read.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (BigInt(lastOffset) + 1n >= (ends.get(partition) ?? 0n)) unread.delete(partition)
    if (unread.size === 0) resolve()
  })
  // Whoever has to join the group again begins at the beginning again, as no position is committed.
  const nexts = new Map<number, bigint>()
  let refused = false
  const handOver = async (message: ReadMessage): Promise<void> => {
    try {
      await onRecord(message)
    } catch (error) {
      refused = true
      reject(error)
    }
  }
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages }, heartbeat }) => {
        for (const message of messages) {
          if (refused || BigInt(message.offset) < (nexts.get(partition) ?? 0n)) continue
          nexts.set(partition, BigInt(message.offset) + 1n)
          // Not for kafkajs, which would hand the batch over once more.
          await handOver({ ...message, partition })
        }
        await heartbeat()
      },
    })
    await finished
  } finally {
    await consumer.disconnect()
  }
}
