import kafkajs, { type Kafka, type Producer, type Transaction as KafkajsTransaction } from 'kafkajs'
import type { TopicPartition, Transaction } from '../kafka-port.ts'
import { recordSize, type RecordLimits } from '../prepare-batch.ts'
import type { OutputRecord } from '../processor.ts'
import { StreamError } from '../stream-error.ts'
import { orTrouble } from './kafka-trouble.ts'
import { errorType } from './missing-right.ts'
import { partitionByKey } from './partition-by-key.ts'

/** How the batches of the output topics are written. */
export type Compression = 'none' | 'zstd'
const codecs = { none: kafkajs.CompressionTypes.None, zstd: kafkajs.CompressionTypes.ZSTD } as const

/** The two producers of one input partition. */
export interface TransactionalProducers {
  /** From the two ids in turn. */
  begin(): Promise<Transaction>
  close(): Promise<void>
}

/**
 * Fences every other producer of this (group, topic, partition). Two ids, because an id that has just committed has to wait for its markers.
 *
 * The order is what makes two ids as safe as one: both are fenced first then second, and the first transaction afterwards is of the first id.
 * Whoever commits on the first id has fenced it last; anyone who had fenced the second id since then would have fenced the first before it.
 * So of two owners that fence at the same time one holds at most the second id, and cannot begin with it.
 */
export async function fenceProducers(
  kafka: Kafka,
  groupId: string,
  assigned: TopicPartition,
  limits: RecordLimits,
  compression: Compression,
): Promise<TransactionalProducers> {
  const producers = transactionalIds(groupId, assigned).map((id) => createProducer(kafka, id))
  const close = async (): Promise<void> =>
    void (await Promise.allSettled(producers.map((producer) => producer.disconnect())))
  try {
    await orTrouble(`fencing of ${groupId}/${assigned.topic}/${assigned.partition}`, async () => {
      await Promise.all(producers.map((producer) => producer.connect()))
      for (const producer of producers) await (await producer.transaction()).abort()
    })
  } catch (error) {
    await close()
    throw error
  }

  const open = new Set<KafkajsTransaction>()
  let turn = 0
  return {
    async begin() {
      const transaction = await orTrouble('begin', () => producers[turn++ % 2]!.transaction())
      open.add(transaction)
      return transactionOf(transaction, groupId, assigned, { limits, compression }, () => open.delete(transaction))
    },
    async close() {
      // In the order of the log: other readers, too, may take the list of aborted transactions as sorted by their beginnings.
      for (const transaction of open) if (transaction.isActive()) await transaction.abort().catch(() => undefined)
      await close()
    },
  }
}

/** Of one input partition, the first and the second. */
export function transactionalIds(groupId: string, { topic, partition }: TopicPartition): readonly string[] {
  return ['a', 'b'].map((turn) => `${groupId}/${topic}/${partition}/${turn}`)
}

/** `connect` does not fence, the first transaction does; after a failed commit or abort the object is of no more use. */
function createProducer(kafka: Kafka, transactionalId: string): Producer {
  return kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 30_000,
    allowAutoTopicCreation: false,
    createPartitioner: partitionByKey,
  })
}

function transactionOf(
  transaction: KafkajsTransaction,
  consumerGroupId: string,
  { topic, partition }: TopicPartition,
  { limits, compression }: { readonly limits: RecordLimits; readonly compression: Compression },
  ended: () => void,
): Transaction {
  return {
    async produce(outputs) {
      for (const chunk of chunksOf(outputs, limits))
        await orTrouble(`produce to ${topicsOf(chunk)}`, () => send(transaction, chunk, compression))
    },
    commitPosition: (next) =>
      orTrouble(`commit of the position of ${consumerGroupId}`, () =>
        transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions: [{ partition, offset: next }] }] }),
      ),
    async commit() {
      await orTrouble('commit', () => transaction.commit())
      ended()
    },
  }
}

/** What a record takes in a batch beside its key, value and headers, at most. */
const recordOverhead = 40

/** Of one topic in one request: a broker takes requests of 100 MiB unless configured otherwise. */
const mostBytes = 10_000_000

/** kafkajs makes one record batch per partition of all it is given, and a topic's limit is one of batches, not of records. */
function chunksOf(outputs: readonly OutputRecord[], limits: RecordLimits): OutputRecord[][] {
  const chunks: OutputRecord[][] = []
  const sizes = new Map<string, number>()
  for (const output of outputs) {
    const { topic } = output
    const bytes = recordSize(output) + recordOverhead
    if (chunks.length === 0 || (sizes.get(topic) ?? 0) + bytes > Math.min(limits.get(topic)!, mostBytes)) {
      chunks.push([])
      sizes.clear()
    }
    chunks.at(-1)!.push(output)
    sizes.set(topic, (sizes.get(topic) ?? 0) + bytes)
  }
  return chunks
}

async function send(
  transaction: KafkajsTransaction,
  outputs: readonly OutputRecord[],
  compression: Compression,
): Promise<void> {
  const byTopic = Map.groupBy(outputs, ({ topic }) => topic)
  try {
    await transaction.sendBatch({
      compression: codecs[compression],
      topicMessages: Array.from(byTopic, ([topic, records]) => ({ topic, messages: records.map(toMessage) })),
    })
  } catch (error) {
    if (errorType(error) !== 'MESSAGE_TOO_LARGE') throw error
    const message = `${topicsOf(outputs)} refused a record: max.message.bytes was lowered since the start; restart to read it anew`
    throw new StreamError('RECORD_TOO_LARGE', message, { cause: error })
  }
}

const topicsOf = (outputs: readonly OutputRecord[]): string =>
  [...new Set(outputs.map(({ topic }) => topic))].join(', ')

function toMessage({ partition, key, value, timestamp, headers }: OutputRecord) {
  return {
    key,
    value,
    ...(partition !== undefined && { partition }),
    ...(timestamp !== undefined && { timestamp }),
    ...(headers && { headers: { ...headers } }),
  }
}
