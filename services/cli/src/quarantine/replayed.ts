import { createTopics, readTopic, visibleTopics } from '@raison/stream-runtime'
import type { Producer, Transaction } from 'kafkajs'
import { withAdmin } from '../kafka/with-admin.ts'
import type { Quarantine } from './cluster.ts'

/** That a quarantined record has been sent again. */
export interface Replayed {
  /** ISO 8601, UTC. */
  readonly at: string
  /** The value that was sent is another one than the one set aside. */
  readonly mended: boolean
}

export interface ReplayedTopic {
  /** By position in the quarantine topic. */
  read(): Promise<Map<string, Replayed>>
  /** Made when it is not there. */
  ensure(): Promise<void>
  note(transaction: Transaction, position: string, replayed: Replayed): Promise<void>
}

/**
 * What has been replayed is noted in a compacted topic of its own, beside the quarantine: the quarantine's records stay as they
 * were written, and the note is in the same transaction as the record that was sent.
 */
export function replayedTopicOf({ kafka, topic: quarantineTopic }: Quarantine): ReplayedTopic {
  const topic = `${quarantineTopic}.replayed`
  return {
    async read() {
      const notes = new Map<string, Replayed>()
      const isThere = await withAdmin(kafka, async (admin) => (await visibleTopics(admin, [topic])).has(topic))
      if (isThere)
        await readTopic(kafka, topic, ({ key, value }) => {
          if (key !== null && value !== null) notes.set(key.toString(), JSON.parse(value.toString()) as Replayed)
        })
      return notes
    },
    ensure: () =>
      withAdmin(kafka, async (admin) => {
        if ((await visibleTopics(admin, [topic])).has(topic)) return
        const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
        await createTopics(admin, [{ topic, numPartitions: 1, replicationFactor: -1, configEntries }])
      }),
    async note(transaction, position, replayed) {
      await transaction.send({ topic, messages: [{ key: position, value: JSON.stringify(replayed) }] })
    },
  }
}

/** The only producer that may replay from this quarantine: connecting and a first transaction fence every earlier one. */
export async function fenceReplays({ kafka, topic }: Quarantine): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: `${topic}.replay`,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 30_000,
  })
  await producer.connect()
  await (await producer.transaction()).abort()
  return producer
}
