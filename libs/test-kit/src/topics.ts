import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'

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
    // kafkajs's own wait for leaders fails where the broker asked does not know of a new topic yet.
    await admin.createTopics({ topics, waitForLeaders: false })
    for (let left = 100; !(await haveLeaders(admin, Object.values(realNames))); left--)
      if (left === 0) throw new Error('new topics have no leaders after 10 s')
  } finally {
    await admin.disconnect()
  }
  return realNames
}

async function haveLeaders(admin: Admin, topics: string[]): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics })
    // A leader is named before it knows that it leads.
    for (const topic of topics) await admin.fetchTopicOffsets(topic)
    return true
  } catch {
    await pause(100)
    return false
  }
}

const openKafka = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'raison-test-kit', brokers: [...brokers], logLevel: logLevel.NOTHING })
