import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { registerSchemas, stateTopicNames, topicNames } from '@raison/events'
import { givenAddresses } from '@raison/local-platform'
import { CliError } from './report-error.ts'

export interface TopicsOptions {
  readonly create?: boolean
  readonly partitions: number
  readonly replication: number
  readonly json?: boolean
}

interface Cluster {
  readonly brokers: readonly string[]
  readonly registryUrl: string
}

/** A quarantined record holds the whole of a record that was as large as its own topic allows. */
const quarantineBytes = String(8 * 1024 * 1024)

const stateSegment = String(16 * 1024 * 1024)

/** Per topic what differs from the broker's defaults. */
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [topicNames.quarantined]: { 'max.message.bytes': quarantineBytes },
  // A state is read back whenever a partition changes hands: small segments keep what is read small.
  [stateTopicNames.windows]: { 'cleanup.policy': 'compact', 'segment.bytes': stateSegment },
  [stateTopicNames.evidence]: {
    'cleanup.policy': 'compact',
    'segment.bytes': stateSegment,
    'max.message.bytes': quarantineBytes,
  },
}

const allTopics = [...Object.values(topicNames), ...Object.values(stateTopicNames)]

/** Prints the topics, or creates those that are missing. */
export async function topics(options: TopicsOptions): Promise<void> {
  if (options.create === true) await createTopics(clusterOf(process.env), options, (line) => console.error(line))
  const rows = allTopics.map((topic) => ({
    topic,
    partitions: options.partitions,
    replication: options.replication,
    settings: settings[topic] ?? {},
  }))
  if (options.json === true) console.log(JSON.stringify(rows))
  else
    rows.forEach(({ topic, settings }) =>
      console.log([topic, ...Object.entries(settings).map((pair) => pair.join('='))].join('  ')),
    )
}

/** Creates the topics that are missing and registers every schema, FULL_TRANSITIVE. */
export async function createTopics(
  cluster: Cluster,
  { partitions, replication }: Pick<TopicsOptions, 'partitions' | 'replication'>,
  say: (line: string) => void,
): Promise<void> {
  await withAdmin(cluster, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = allTopics.filter((topic) => !existing.has(topic))
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: Object.entries(settings[topic] ?? {}).map(([name, value]) => ({ name, value })),
      })),
    })
    await waitForLeaders(admin, missing)
    say(missing.length === 0 ? 'topics: all there' : `topics created: ${missing.join(', ')}`)
  })
  await registerSchemas({ url: cluster.registryUrl })
  say('schemas registered, FULL_TRANSITIVE')
}

/** kafkajs's own wait fails where the broker asked does not know of a new topic yet. */
async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  for (let left = 100; topics.length > 0; left--) {
    try {
      await admin.fetchTopicMetadata({ topics })
      return
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || left === 0) throw error
      await pause(100)
    }
  }
}

/** An administrator's connection for the length of an action. */
export async function withAdmin(
  { brokers }: Pick<Cluster, 'brokers'>,
  action: (admin: Admin) => Promise<unknown>,
): Promise<void> {
  const admin = new Kafka({ clientId: 'raison-topics', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    await action(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The cluster that the environment names. Throws CliError USAGE. */
export function clusterOf(env: NodeJS.ProcessEnv): Cluster {
  const { brokers, registryUrl } = givenAddresses(env)
  if (brokers === undefined || registryUrl === undefined)
    throw new CliError(
      'USAGE',
      'KAFKA_BROKERS and SCHEMA_REGISTRY_URL say which cluster: set them, or start a local one with `export $(raison up)`',
    )
  return { brokers, registryUrl }
}
