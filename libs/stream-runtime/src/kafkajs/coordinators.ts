import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'
import type { TopicPartition } from '../kafka-port.ts'
import { StreamError } from '../stream-error.ts'
import {
  askEndedTransaction,
  askStablePosition,
  type Broker,
  type PartitionsOf,
  type ProducerIdentity,
  type TransactionState,
} from './ask-coordinators.ts'
import { patiently } from './patiently.ts'

export interface Coordinators {
  /**
   * Writes the end of the id's last transaction once more, to every partition that it may have written to.
   *
   * A broker that is killed before it has written the ends of a transaction writes them when it is back. Kafka 4.4 forgets them when it
   * finds partitions without leader then (one broker, or all replicas of one killed): it takes them for deleted, and the transaction
   * for complete. Its records, and the position in it, then wait for an end, and get that of the id's next transaction: what was
   * aborted is committed, what was committed is read once more. What is ended stays as it is.
   *
   * Called again after it has failed, it goes on where it was.
   */
  settle(transactionalId: string): Promise<void>
  /** As `askStablePosition`. */
  position(assigned: TopicPartition): Promise<string | undefined>
  close(): Promise<void>
}

interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
  findGroupCoordinator(question: { readonly groupId: string; readonly coordinatorType: number }): Promise<Broker>
}

/** An end that is to be written, by the producer that took the id for it. */
interface Ending extends ProducerIdentity {
  readonly commits: boolean
}

const require = createRequire(import.meta.url)
const types = require('kafkajs/src/protocol/coordinatorTypes') as Readonly<Record<'GROUP' | 'TRANSACTION', number>>

/** What only the coordinators of the group and of its transactional ids know, and kafkajs does not ask them. */
export function createCoordinators(kafka: Kafka, groupId: string, outputTopics: readonly string[]): Coordinators {
  const cluster = createCluster(kafka)
  /** By id, from when it is taken until its end is written: the broker no longer tells how the transaction before ended. */
  const endings = new Map<string, Ending>()
  const find = async (id: string, coordinatorType: number): Promise<Broker> => {
    await cluster.connect()
    return cluster.findGroupCoordinator({ groupId: id, coordinatorType })
  }

  return {
    async settle(transactionalId) {
      // Only the question is repeated: who settles fences, and may be the zombie.
      const { broker, last } = await patiently(async () => {
        const broker = await find(transactionalId, types.TRANSACTION)
        return { broker, last: await askEndedTransaction(broker, transactionalId) }
      })
      const ending = await endingOf(broker, transactionalId, last, endings.get(transactionalId))
      if (ending === undefined) return void endings.delete(transactionalId)
      endings.set(transactionalId, ending)
      const { commits, producerId, producerEpoch } = ending
      const transaction = { transactionalId, producerId, producerEpoch }
      await broker.addPartitionsToTxn({ ...transaction, topics: await partitionsOf(cluster, outputTopics) })
      await broker.addOffsetsToTxn({ ...transaction, groupId })
      await broker.endTxn({ ...transaction, transactionResult: commits })
      endings.delete(transactionalId)
    },
    position: (assigned) =>
      patiently(async () => askStablePosition(await find(groupId, types.GROUP), groupId, assigned)),
    close: () => cluster.disconnect(),
  }
}

/** An empty transaction of the id is never open for longer. */
const settleWithinMs = 30_000

/**
 * How the last transaction ended, once the id has been taken for the end; undefined where none is to be written. `begun` is what was
 * answered before: while its producer has the id, nobody else can have begun a transaction.
 */
async function endingOf(
  broker: Broker,
  transactionalId: string,
  last: TransactionState | undefined,
  begun: Ending | undefined,
): Promise<Ending | undefined> {
  if (last === undefined) return undefined
  const isBegun = last.producerId === begun?.producerId && last.producerEpoch === begun.producerEpoch
  if (isBegun && (last.state === 'Empty' || last.state === 'Ongoing')) return begun
  if (last.state !== 'CompleteCommit' && last.state !== 'CompleteAbort') return undefined
  const { producerId, producerEpoch } = await broker.initProducerId({
    transactionalId,
    transactionTimeout: settleWithinMs,
  })
  return { producerId: String(producerId), producerEpoch, commits: last.state === 'CompleteCommit' }
}

/** All of them as they are now: the last transaction may have written to some that were added since. */
async function partitionsOf(cluster: Cluster, topics: readonly string[]): Promise<PartitionsOf[]> {
  await cluster.addMultipleTargetTopics(topics)
  await cluster.refreshMetadata()
  return topics.map((topic) => {
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
    if (partitions.length === 0) throw new StreamError('KAFKA_TROUBLE', `${topic} has no partitions at the moment`)
    return { topic, partitions }
  })
}

/** kafkajs shows its clusters to its own clients only. */
function createCluster(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith(':createCluster'))
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create!]!({
    allowAutoTopicCreation: false,
    metadataMaxAge: 300_000,
  })
}
