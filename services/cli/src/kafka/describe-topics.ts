import type { Admin } from 'kafkajs'

export interface FoundTopic {
  readonly partitions: number
  /** Replicas of each partition. */
  readonly replication: number
}

/** What the cluster says of topics that are there, by name. */
export async function describeTopics(admin: Admin, topics: readonly string[]): Promise<Map<string, FoundTopic>> {
  if (topics.length === 0) return new Map() // a question about none is one about all
  const described = await admin.fetchTopicMetadata({ topics: [...topics] })
  return new Map(
    described.topics.map(({ name, partitions }) => [
      name,
      { partitions: partitions.length, replication: partitions[0]!.replicas.length },
    ]),
  )
}
