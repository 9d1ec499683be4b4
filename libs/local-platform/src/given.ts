import { anyConnects, hostAndPort } from './addresses.ts'
import { readImages } from './images.ts'
import { PlatformError } from './platform-error.ts'
import type { Say } from './progress.ts'

/** What the environment already names: KAFKA_BROKERS and SCHEMA_REGISTRY_URL. */
export interface Given {
  readonly brokers: readonly string[] | undefined
  readonly registryUrl: string | undefined
}

/** Throws when a given address does not answer, rather than letting every later step wait for it. */
export async function readGiven(env: NodeJS.ProcessEnv): Promise<Given> {
  const given = givenAddresses(env)
  const silent = await findSilent(given)
  const unset = `have it started after \`unset ${silent.join(' ')}\``
  if (silent.includes('KAFKA_BROKERS'))
    throw new PlatformError(
      'BROKER_NOT_READY',
      `no broker answers at KAFKA_BROKERS=${given.brokers!.join(',')}: correct the address (host:port), or ${unset}`,
    )
  if (silent.includes('SCHEMA_REGISTRY_URL'))
    throw new PlatformError(
      'REGISTRY_NOT_READY',
      `nothing answers at SCHEMA_REGISTRY_URL=${given.registryUrl}: correct the address (http://host:port), or ${unset}`,
    )
  return given
}

/** The variables of the environment that still name what was stopped. What answers was not: an address may have been given. */
export async function findOutdated(
  { brokers, registryUrl }: PlatformAddresses,
  env: NodeJS.ProcessEnv,
): Promise<Variable[]> {
  const given = givenAddresses(env)
  return findSilent({
    brokers: given.brokers?.join() === brokers.join() ? brokers : undefined,
    registryUrl: given.registryUrl === registryUrl ? registryUrl : undefined,
  })
}

type Variable = 'KAFKA_BROKERS' | 'SCHEMA_REGISTRY_URL'

/** The variables at whose addresses nothing answers. */
async function findSilent({ brokers, registryUrl }: Given): Promise<Variable[]> {
  const silent: Variable[] = []
  if (brokers && !(await anyConnects(brokers))) silent.push('KAFKA_BROKERS')
  if (registryUrl && !(await anyConnects([hostAndPort(registryUrl)]))) silent.push('SCHEMA_REGISTRY_URL')
  return silent
}

/** As written, but for white space; whether anything answers there is another question. */
function givenAddresses(env: NodeJS.ProcessEnv): Given {
  const listed = (env['KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim())
  const brokers = listed.filter((broker) => broker !== '')
  return {
    brokers: brokers.length > 0 ? brokers : undefined,
    registryUrl: env['SCHEMA_REGISTRY_URL']?.trim() || undefined,
  }
}

export interface PlatformAddresses {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** Where they come from, in one line for the user. */
  readonly how: string
}

/** Nothing to start. */
export function useGiven(brokers: readonly string[], registryUrl: string, say: Say): PlatformAddresses {
  const how = describe({ brokers, registryUrl }, '')
  say(how)
  return { brokers, registryUrl, how }
}

/** In one line for the user: what is given, and where the rest runs. */
export function describe({ brokers, registryUrl }: Given, where: string): string {
  const { kafkaVersion, registryVersion } = readImages()
  const givenKafka = 'Kafka given by KAFKA_BROKERS'
  const givenRegistry = 'registry given by SCHEMA_REGISTRY_URL'
  const kafka = `Kafka ${kafkaVersion}`
  const registry = `Apicurio Registry ${registryVersion}`
  if (brokers && registryUrl) return `${givenKafka}, ${givenRegistry}`
  if (brokers) return `${givenKafka}; ${registry} on ${where}`
  if (registryUrl) return `${givenRegistry}; ${kafka} on ${where}`
  return `${kafka} and ${registry} on ${where}`
}
