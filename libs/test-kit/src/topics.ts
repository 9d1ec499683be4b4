import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

/** Creates topics (name → partitions) under names no other test uses. Returns name → real name. */
export async function createTestTopics<Name extends string>(
  brokers: readonly string[],
  partitions: Readonly<Record<Name, number>>,
  compacted: readonly NoInfer<Name>[] = [],
): Promise<Record<Name, string>> {
  const run = randomUUID().slice(0, 8)
  const names = Object.keys(partitions) as Name[]
  const realNames = Object.fromEntries(names.map((name) => [name, `${name}.${run}`])) as Record<Name, string>
  const admin = openKafka(brokers).admin()
  await admin.connect()
  try {
    const topics = names.map((name) => ({
      topic: realNames[name],
      numPartitions: partitions[name],
      ...(compacted.includes(name) && { configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }),
    }))
    await admin.createTopics({ topics, waitForLeaders: true })
  } finally {
    await admin.disconnect()
  }
  return realNames
}

const openKafka = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'raison-test-kit', brokers: [...brokers], logLevel: logLevel.NOTHING })
