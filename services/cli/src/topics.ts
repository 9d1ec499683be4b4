import { registerSchemas } from '@raison/events'
import { readTopics, type Topics } from '@raison/service-kit'
import { createTopics as createOnCluster, visibleTopics } from '@raison/stream-runtime'
import type { Admin } from 'kafkajs'
import { describeTopics, type FoundTopic } from './kafka/describe-topics.ts'
import { openKafka, type OpenedCluster } from './kafka/open-kafka.ts'
import { withAdmin } from './kafka/with-admin.ts'
import { inputOfState, refuseUnfitStates } from './state-topics.ts'

/** Of topics that are made. */
interface Sizes {
  readonly partitions: number
  /** The broker's own unless said. */
  readonly replication?: number
}

export interface TopicsOptions extends Sizes {
  readonly create?: boolean
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

/** Prints the topics that are needed; or creates those that are missing, and prints all as they are. Throws STATE_TOPIC_INVALID. */
export async function topics({ create, json, ...sizes }: TopicsOptions): Promise<void> {
  const names = readTopics(process.env)
  if (create !== true) return print(names, new Map(), json)
  const cluster = await openKafka(process.env)
  await createTopics(names, cluster, sizes, (line) => console.error(line))
  await withAdmin(cluster.kafka, async (admin) => {
    const found = await describeTopics(admin, Object.values(names))
    print(names, found, json)
    await refuseUnfitStates(admin, names, found)
  })
}

function print(names: Topics, found: ReadonlyMap<string, FoundTopic>, json = false): void {
  const rows = keysOf(names).map((key) => ({
    topic: names[key],
    ...found.get(names[key]),
    settings: settings[key] ?? {},
  }))
  if (json) console.log(JSON.stringify(rows))
  else
    rows.forEach(({ topic, settings }) =>
      console.log([topic, ...Object.entries(settings).map((pair) => pair.join('='))].join('  ')),
    )
}

/** Creates those of the topics that are missing and registers every schema, FULL_TRANSITIVE. */
export async function createTopics(
  names: Topics,
  { kafka, registry }: OpenedCluster,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<void> {
  const created = await withAdmin(kafka, (admin) => createMissing(admin, names, sizes))
  say(created.length === 0 ? 'topics: all there' : `topics created: ${created.join(', ')}`)
  const { decisions, explained, quarantined, windows, drift } = names
  await registerSchemas(registry, { decisions, explained, quarantined, windows, drift })
  say('schemas registered, FULL_TRANSITIVE')
}

/** Answers what it has created. A state topic is given as many partitions as the topic that is read, also where that is there already. */
async function createMissing(admin: Admin, names: Topics, { partitions, replication = -1 }: Sizes): Promise<string[]> {
  const existing = await visibleTopics(admin, Object.values(names))
  const found = await describeTopics(admin, [...existing])
  const missing = keysOf(names).filter((key) => !existing.has(names[key]))
  const wanted = missing.map((key) => ({
    topic: names[key],
    numPartitions: found.get(names[inputOfState[key] ?? key])?.partitions ?? partitions,
    replicationFactor: replication,
    configEntries: Object.entries(settings[key] ?? {}).map(([name, value]) => ({ name, value })),
  }))
  await createOnCluster(admin, wanted)
  return wanted.map(({ topic }) => topic)
}

const keysOf = (names: Topics): (keyof Topics)[] => Object.keys(names) as (keyof Topics)[]
