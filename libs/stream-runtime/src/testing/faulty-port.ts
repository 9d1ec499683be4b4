import type { KafkaPort } from '../kafka-port.ts'

/** The real port with a fault around its commits. */
export function withCommit(kafka: KafkaPort, around: (commit: () => Promise<void>) => Promise<void>): KafkaPort {
  return {
    ...kafka,
    async open(assigned) {
      const partition = await kafka.open(assigned)
      return {
        ...partition,
        async begin() {
          const transaction = await partition.begin()
          return { ...transaction, commit: () => around(transaction.commit) }
        },
      }
    },
  }
}
