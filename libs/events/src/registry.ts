import { Agent } from 'node:https'
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { EventError } from './event-error.ts'
import { schemaText } from './schemas.ts'
import { topicNames } from './topics.ts'

/** A Confluent-compatible registry. */
export interface RegistryConfig {
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string }
  /** PEM text of the authority that signed its certificate. */
  readonly ca?: string
}

export type TopicKey = keyof typeof topicNames

/**
 * Registers the schemas of the given topics (all of them unless said) under `<topic>-value`, FULL_TRANSITIVE, and answers
 * their ids. Doing it again changes nothing. Throws EventError SCHEMA_INCOMPATIBLE, REGISTRY_REFUSED or REGISTRY_UNAVAILABLE.
 */
export async function registerSchemas<Key extends TopicKey = TopicKey>(
  config: RegistryConfig,
  topics: Readonly<Record<Key, string>> = topicNames,
): Promise<Readonly<Record<Key, number>>> {
  const client = openRegistry(config)
  const ids: Partial<Record<TopicKey, number>> = {}
  for (const key of Object.keys(topics) as Key[])
    ids[key] = await registerSchema(client, `${topics[key]}-value`, schemaText(key))
  return ids as Record<Key, number>
}

/** Registers one schema and answers its id. */
export async function registerSchema(client: SchemaRegistry, subject: string, schema: string): Promise<number> {
  try {
    const options = { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE }
    return (await client.register({ type: SchemaType.AVRO, schema }, options)).id
  } catch (cause) {
    throw toEventError(cause, `subject ${subject}`)
  }
}

export function openRegistry({ url, auth, ca }: RegistryConfig): SchemaRegistry {
  return new SchemaRegistry({
    host: url.replace(/\/$/, ''),
    clientId: 'raison',
    ...(auth && { auth: { ...auth } }),
    ...(ca !== undefined && { agent: new Agent({ ca }) }),
  })
}

/** The writer's schema as JSON text. Throws EventError SCHEMA_UNKNOWN, REGISTRY_REFUSED or REGISTRY_UNAVAILABLE. */
export async function fetchSchema(client: SchemaRegistry, id: number): Promise<string> {
  try {
    return JSON.stringify(await client.getSchema(id))
  } catch (cause) {
    throw toEventError(cause, `schema ${id}`)
  }
}

function toEventError(cause: unknown, subject: string): EventError {
  const { status, name, message } = cause as Error & { status?: number }
  if (status === 404)
    return new EventError('SCHEMA_UNKNOWN', `${subject} is not in the registry: register it before it is used`, {
      cause,
    })
  if (status === 409 || name.includes('Compatib'))
    return new EventError(
      'SCHEMA_INCOMPATIBLE',
      `${subject}: the registry refuses an incompatible schema (${message}): only add fields with defaults`,
      { cause },
    )
  if (status === 401 || status === 403 || status === 422)
    return new EventError(
      'REGISTRY_REFUSED',
      `${subject}: the registry answers ${status} (${message}): check its credentials and rights`,
      { cause },
    )
  return new EventError(
    'REGISTRY_UNAVAILABLE',
    `${subject}: the registry cannot be asked (${message}): check that it runs and its address`,
    { cause },
  )
}
