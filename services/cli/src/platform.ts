import { downPlatform, upPlatform } from '@raison/local-platform'
import { createTopics } from './topics.ts'

const say = (line: string): void => console.error(line)

/** Starts broker and registry in the background; their addresses go to stdout, ready for `export`. */
export async function up(): Promise<void> {
  const { brokers, registryUrl } = await upPlatform({ say, env: process.env })
  const addresses = { KAFKA_BROKERS: brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
  await createTopics({ ...process.env, ...addresses }, { partitions: 4, replication: 1 }, say)
  Object.entries(addresses).forEach(([variable, address]) => console.log(`${variable}=${address}`))
}

/** Stops them; what the shell should forget goes to stdout, ready for `eval`. */
export async function down(): Promise<void> {
  const outdated = await downPlatform({ say, env: process.env })
  if (outdated.length === 0) return
  say('this shell still names what was stopped, until it is told:')
  console.log(`unset ${outdated.join(' ')}`)
}
