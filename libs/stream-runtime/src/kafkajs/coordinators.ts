import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'
import type { TopicPartition } from '../kafka-port.ts'
import { askStablePosition, askTransactionState, type Broker } from './ask-coordinators.ts'

export interface Coordinators {
  /**
   * Writes the end of the id's last transaction once more, to every partition that it may have written to.
   *
   * A broker that is killed before it has written the ends of a transaction writes them when it is back. Kafka 4.4 forgets them when it
   * finds partitions without leader then (one broker, or all replicas of one killed): it takes them for deleted, and the transaction
   * for complete. Its records, and the position in it, then wait for an end, and get that of the id's next transaction: what was
   * aborted is committed, what was committed is read once more. What is ended stays as it is.
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
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
  findGroupCoordinator(question: { readonly groupId: string; readonly coordinatorType: number }): Promise<Broker>
}

const require = createRequire(import.meta.url)
const types = require('kafkajs/src/protocol/coordinatorTypes') as Readonly<Record<'GROUP' | 'TRANSACTION', number>>

/** What only the coordinators of the group and of its transactional ids know, and kafkajs does not ask them. */
export function createCoordinators(kafka: Kafka, groupId: string, outputTopics: readonly string[]): Coordinators {
  const cluster = createCluster(kafka)
  const connected = async (): Promise<Cluster> => {
    await cluster.connect()
    return cluster
  }
  const find = async (id: string, coordinatorType: number): Promise<Broker> =>
    (await connected()).findGroupCoordinator({ groupId: id, coordinatorType })

  return {
    async settle(transactionalId) {
      const broker = await find(transactionalId, types.TRANSACTION)
      const state = await askTransactionState(broker, transactionalId)
      if (state !== 'CompleteCommit' && state !== 'CompleteAbort') return
      await cluster.addMultipleTargetTopics(outputTopics)
      const topics = outputTopics.map((topic) => ({
        topic,
        partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
      }))
      const producer = await broker.initProducerId({ transactionalId, transactionTimeout: settleWithinMs })
      const transaction = { ...producer, transactionalId }
      await broker.addPartitionsToTxn({ ...transaction, topics })
      await broker.addOffsetsToTxn({ ...transaction, groupId })
      await broker.endTxn({ ...transaction, transactionResult: state === 'CompleteCommit' })
    },
    position: async (assigned) => askStablePosition(await find(groupId, types.GROUP), groupId, assigned),
    close: () => cluster.disconnect(),
  }
}

const settleWithinMs = 30_000

/** kafkajs shows its clusters to its own clients only. */
function createCluster(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith(':createCluster'))
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create!]!({
    allowAutoTopicCreation: false,
    metadataMaxAge: 300_000,
  })
}
