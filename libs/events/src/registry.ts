import { request } from 'node:http'
import { request as requestSecurely } from 'node:https'
import { text } from 'node:stream/consumers'
import { EventError } from './event-error.ts'

/** A Confluent-compatible registry. */
export interface RegistryConfig {
  /** With the path of its API, if any. */
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string } | { readonly token: string }
  /** PEM text of the authorities that may have signed its certificate, in place of the system's. */
  readonly ca?: string
}

export interface RegistryAnswer {
  readonly status: number
  readonly body: { readonly error_code?: number; readonly message?: string; readonly [name: string]: unknown }
}

export const answerWithinMs = 10_000
/** The registry's own 404 for a schema id; any other 404 comes from something that is no registry, or from a wrong path. */
const schemaNotFound = 40403

/**
 * The writer's schema as JSON text. Throws EventError SCHEMA_UNKNOWN where the registry itself says so, SCHEMA_INCOMPATIBLE
 * where it is not Avro, else REGISTRY_REFUSED, REGISTRY_UNTRUSTED or REGISTRY_UNAVAILABLE.
 */
export async function fetchSchema(registry: RegistryConfig, id: number): Promise<string> {
  const { status, body } = await askRegistry(registry, 'GET', `/schemas/ids/${id}`)
  if (status === 404 && body.error_code === schemaNotFound)
    throw new EventError('SCHEMA_UNKNOWN', `schema ${id} is not in the registry: register it before it is used`)
  const { schema, schemaType = 'AVRO' } = body
  if (status !== 200 || typeof schema !== 'string')
    throw unavailable(registry, `answers ${status} and no schema when asked for schema ${id}`)
  if (schemaType !== 'AVRO')
    throw new EventError('SCHEMA_INCOMPATIBLE', `schema ${id} is ${String(schemaType)}: events are written in Avro`)
  return schema
}

/**
 * One question, not repeated. Throws EventError REGISTRY_REFUSED (401, 403), REGISTRY_UNTRUSTED (its certificate) or REGISTRY_UNAVAILABLE
 * (network, time, 5xx).
 */
export async function askRegistry(
  registry: RegistryConfig,
  method: 'GET' | 'PUT',
  path: string,
  body?: unknown,
): Promise<RegistryAnswer> {
  const answer = await send(registry, method, path, body).catch((cause: NodeJS.ErrnoException) => {
    throw isCertificate(cause)
      ? untrusted(registry, cause)
      : unavailable(registry, `cannot be asked (${cause.message})`, cause)
  })
  if (answer.status === 401 || answer.status === 403) throw refused(registry, answer.status)
  if (answer.status >= 500) throw unavailable(registry, `answers ${answer.status}`)
  return answer
}

/** The Authorization header, if any. */
export function authorization({ auth }: RegistryConfig): Readonly<Record<string, string>> {
  if (auth === undefined) return {}
  if ('token' in auth) return { authorization: `Bearer ${auth.token}` }
  return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
}

export function unavailable(registry: RegistryConfig, what: string, cause?: unknown): EventError {
  return new EventError(
    'REGISTRY_UNAVAILABLE',
    `the registry at ${addressOf(registry)} ${what}: check that it runs, and its address with the path of its API`,
    { cause },
  )
}

export function refused(registry: RegistryConfig, status: number, cause?: unknown): EventError {
  return new EventError(
    'REGISTRY_REFUSED',
    `the registry at ${addressOf(registry)} answers ${status}: check its credentials and what they may do`,
    { cause },
  )
}

function untrusted(registry: RegistryConfig, cause: NodeJS.ErrnoException): EventError {
  return new EventError(
    'REGISTRY_UNTRUSTED',
    `the certificate of the registry at ${addressOf(registry)} cannot be trusted (${cause.code}): name the authority that has signed it in registry.ca (SCHEMA_REGISTRY_CA), and the registry by a name that is in it`,
    { cause },
  )
}

/** By the codes of Node's TLS, as CERT_HAS_EXPIRED; an alert is what the other side says of ours. */
function isCertificate({ code = '' }: NodeJS.ErrnoException): boolean {
  return /CERT|SIGNATURE/.test(code) && !code.includes('_ALERT_')
}

/** The URL without the password that it may carry. */
function addressOf({ url }: RegistryConfig): string {
  return url.replace(/\/\/[^/]*@/, '//')
}

// node:http rather than fetch: fetch takes no certificate authority of ours.
async function send(registry: RegistryConfig, method: string, path: string, body: unknown): Promise<RegistryAnswer> {
  const url = new URL(registry.url.replace(/\/+$/, '') + path)
  const options = {
    method,
    ca: registry.ca,
    // Questions are minutes apart: a connection kept would often be found closed.
    agent: false,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...authorization(registry) },
    signal: AbortSignal.timeout(answerWithinMs),
  }
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'https:' ? requestSecurely : request)(url, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode!, body: readBody(body) }), reject)
    })
    call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** What is not a JSON object did not come from a registry: nothing is known of it but the status. */
function readBody(body: string): RegistryAnswer['body'] {
  try {
    return Object(JSON.parse(body)) as RegistryAnswer['body']
  } catch {
    return {}
  }
}
