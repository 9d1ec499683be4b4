import { registerSchemas } from '@raison/events'
import { readTopics, type Env, type Topics } from '@raison/service-kit'
import { createTopics as createOnCluster, visibleTopics } from '@raison/stream-runtime'
import { openKafka } from './kafka/open-kafka.ts'
import { withAdmin } from './kafka/with-admin.ts'

export interface TopicsOptions {
  readonly create?: boolean
  readonly partitions: number
  readonly replication: number
  readonly json?: boolean
}

/** A quarantined record holds the whole of a record that was as large as its own topic allows. */
const quarantineBytes = String(8 * 1024 * 1024)

const stateSegment = String(16 * 1024 * 1024)

/** Per topic what differs from the broker's defaults. */
const settings: Partial<Readonly<Record<keyof Topics, Readonly<Record<string, string>>>>> = {
  quarantined: { 'max.message.bytes': quarantineBytes },
  // A state is read back whenever a partition changes hands: small segments keep what is read small.
  windowsState: { 'cleanup.policy': 'compact', 'segment.bytes': stateSegment },
  // An alarm stands until somebody says something, however many days that takes: the commands find it here alone.
  drift: { 'retention.ms': '-1' },
  driftState: {
    'cleanup.policy': 'compact',
    'segment.bytes': stateSegment,
    'max.message.bytes': quarantineBytes,
  },
}

interface Topic {
  readonly topic: string
  readonly settings: Readonly<Record<string, string>>
}

/** Prints the topics, or creates those that are missing. */
export async function topics({ create, partitions, replication, json }: TopicsOptions): Promise<void> {
  const names = readTopics(process.env)
  if (create === true)
    await createTopics(names, process.env, { partitions, replication }, (line) => console.error(line))
  const rows = topicsOf(names).map(({ topic, settings }) => ({
    topic,
    partitions,
    replication,
    settings,
  }))
  if (json === true) console.log(JSON.stringify(rows))
  else
    rows.forEach(({ topic, settings }) =>
      console.log([topic, ...Object.entries(settings).map((pair) => pair.join('='))].join('  ')),
    )
}

/** Creates those of the topics that are missing and registers every schema, FULL_TRANSITIVE, where the configuration says. */
export async function createTopics(
  names: Topics,
  env: Env,
  { partitions, replication }: Pick<TopicsOptions, 'partitions' | 'replication'>,
  say: (line: string) => void,
): Promise<void> {
  const { kafka, registry } = await openKafka(env)
  await withAdmin(kafka, async (admin) => {
    const existing = await visibleTopics(admin, Object.values(names))
    const missing = topicsOf(names).filter(({ topic }) => !existing.has(topic))
    const wanted = missing.map(({ topic, settings }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replication,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    }))
    await createOnCluster(admin, wanted)
    const created = missing.map(({ topic }) => topic)
    say(created.length === 0 ? 'topics: all there' : `topics created: ${created.join(', ')}`)
  })
  const { decisions, explained, quarantined, windows, drift } = names
  await registerSchemas(registry, { decisions, explained, quarantined, windows, drift })
  say('schemas registered, FULL_TRANSITIVE')
}

function topicsOf(names: Topics): Topic[] {
  return (Object.keys(names) as (keyof Topics)[]).map((key) => ({ topic: names[key], settings: settings[key] ?? {} }))
}
