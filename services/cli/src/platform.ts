import { downPlatform, upPlatform, type Platform } from '@raison/local-platform'
import { readTopics } from '@raison/service-kit'
import { openKafka } from './kafka/open-kafka.ts'
import { createTopics } from './topics.ts'

const say = (line: string): void => console.error(line)

/** Starts broker and registry in the background; their addresses go to stdout, ready for `export`. The topics are the configuration's. */
export async function up(): Promise<void> {
  const topics = readTopics(process.env)
  const platform = await upPlatform({ say, env: process.env })
  await createTopics(topics, await openKafka(environmentOf(platform, process.env)), { partitions: 4 }, say)
  Object.entries(addressesOf(platform)).forEach(([variable, address]) => console.log(`${variable}=${address}`))
}

type Addresses = Pick<Platform, 'brokers' | 'registryUrl'>

const addressesOf = ({ brokers, registryUrl }: Addresses) => ({
  KAFKA_BROKERS: brokers.join(','),
  SCHEMA_REGISTRY_URL: registryUrl,
})

/** With the platform's addresses. Where it was started here, what else is said of connections is about another one: TLS, SASL, logins. */
export function environmentOf(platform: Addresses, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isGiven = env['KAFKA_BROKERS'] !== undefined
  const others = Object.entries(env).filter(
    ([name]) => isGiven || !/^(KAFKA_|SCHEMA_REGISTRY_|RAISON_CONFIG$)/.test(name),
  )
  return { ...Object.fromEntries(others), ...addressesOf(platform) }
}

/** Stops them; what the shell should forget goes to stdout, ready for `eval`. */
export async function down(): Promise<void> {
  const outdated = await downPlatform({ say, env: process.env })
  if (outdated.length === 0) return
  say('this shell still names what was stopped, until it is told:')
  console.log(`unset ${outdated.join(' ')}`)
}
