import { Agent } from 'node:https'
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { EventError } from './event-error.ts'
import { answerWithinMs, askRegistry, authorization, refused, unavailable, type RegistryConfig } from './registry.ts'
import { schemaText } from './schemas.ts'
import { topicNames, type TopicKey } from './topics.ts'

const compatibility = COMPATIBILITY.FULL_TRANSITIVE

/**
 * Registers the schemas of the given topics (all of them unless said) under `<topic>-value`, FULL_TRANSITIVE, and answers
 * their ids. Doing it again, or from several instances at once, changes nothing.
 * Throws EventError SCHEMA_INCOMPATIBLE, REGISTRY_REFUSED, REGISTRY_UNTRUSTED or REGISTRY_UNAVAILABLE.
 */
export async function registerSchemas<Key extends TopicKey = TopicKey>(
  registry: RegistryConfig,
  topics: Readonly<Record<Key, string>> = topicNames,
): Promise<Readonly<Record<Key, number>>> {
  const ids: Partial<Record<TopicKey, number>> = {}
  for (const key of Object.keys(topics) as Key[])
    ids[key] = await registerSchema(registry, `${topics[key]}-value`, schemaText(key))
  return ids as Record<Key, number>
}

/** Registers one schema and answers its id. Errors as `registerSchemas`. */
export async function registerSchema(registry: RegistryConfig, subject: string, schema: string): Promise<number> {
  await requireFullCompatibility(registry, subject)
  try {
    return (await openClient(registry).register({ type: SchemaType.AVRO, schema }, { subject, compatibility })).id
  } catch (cause) {
    throw toEventError(registry, subject, cause)
  }
}

/** Before the first version is there: the client itself would do it after, and a second version could slip in between. */
async function requireFullCompatibility(registry: RegistryConfig, subject: string): Promise<void> {
  const path = `/config/${encodeURIComponent(subject)}`
  const isFull = async (): Promise<boolean> =>
    (await askRegistry(registry, 'GET', path)).body['compatibilityLevel'] === compatibility
  if (await isFull()) return
  const { status } = await askRegistry(registry, 'PUT', path, { compatibility })
  // Of several instances that ask at once, Apicurio answers 409 to all but the first.
  if (status !== 200 && !(await isFull()))
    throw unavailable(registry, `answers ${status} when ${subject} is to be ${compatibility}`)
}

function openClient(registry: RegistryConfig): SchemaRegistry {
  const { url, ca } = registry
  const extras = { headers: { ...authorization(registry) }, timeout: answerWithinMs }
  return new SchemaRegistry({
    host: url.replace(/\/+$/, ''),
    clientId: 'raison',
    middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance(extras) })],
    ...(ca !== undefined && { agent: new Agent({ ca }) }),
  })
}

function toEventError(registry: RegistryConfig, subject: string, cause: unknown): EventError {
  const { status, message } = cause as Error & { status?: number }
  if (status === 409 || status === 422)
    return new EventError(
      'SCHEMA_INCOMPATIBLE',
      `${subject}: the registry refuses the schema (${message}): only add or remove fields that have a default`,
      { cause },
    )
  if (status === 401 || status === 403) return refused(registry, status, cause)
  return unavailable(registry, `does not register ${subject} (${message})`, cause)
}
