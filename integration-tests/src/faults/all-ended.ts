import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

const withinMs = 60_000

/**
 * Resolves when no transaction of the topics is open: a commit is answered before its ends are written, and until then its records
 * are read by nobody. Rejects when one stays open.
 */
export async function allEnded(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const deadline = performance.now() + withinMs
  for (const topic of topics)
    for (;;) {
      const [stable, end] = [await endsOf(brokers, topic, committed), await endsOf(brokers, topic, uncommitted)]
      if (stable === end) break
      if (performance.now() > deadline)
        throw new Error(`${topic} has a transaction without end: readers get to ${stable} of ${end}`)
      await pause(200)
    }
}

/** Isolation levels of the protocol. */
const [uncommitted, committed] = [0, 1]

interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
  fetchTopicsOffset(topics: readonly object[]): Promise<readonly { readonly partitions: readonly Place[] }[]>
}

interface Place {
  readonly partition: number
  readonly offset: string
}

/** kafkajs's admin asks for what is committed only; its clusters can ask for both. */
async function endsOf(brokers: readonly string[], topic: string, isolationLevel: number): Promise<string> {
  const kafka = new Kafka({ clientId: 'oracle', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const create = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith(':createCluster'))!
  const options = { isolationLevel, allowAutoTopicCreation: false, metadataMaxAge: 300_000 }
  const cluster = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create]!(options)
  await cluster.connect()
  try {
    await cluster.addTargetTopic(topic)
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId: partition }) => ({ partition }))
    const [ends] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }])
    const inOrder = ends!.partitions.toSorted((one, other) => one.partition - other.partition)
    return inOrder.map(({ offset }) => offset).join(', ')
  } finally {
    await cluster.disconnect()
  }
}
