import type { RegistryConfig } from '@raison/events'
import type { KafkaConfig } from '@raison/stream-runtime'
import { z } from 'zod'
import { readSecret, readSetting } from './read-secret.ts'
import { readTls, type TlsSettings } from './read-tls.ts'

interface Login {
  readonly username: string
  /** A secret is written in the file, or better, named as a file of its own. */
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
}

export interface KafkaSettings {
  readonly brokers: string[]
  readonly clientId: string
  readonly ssl: boolean | TlsSettings
  readonly sasl?: (Login & { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' }) | undefined
  /** A member that is silent for so long loses its partitions. */
  readonly sessionTimeoutMs: number
}

export interface RegistrySettings {
  readonly url: string
  readonly ca?: string | undefined
  readonly auth?: Login | undefined
}

export interface HealthSettings {
  readonly host: string
  readonly port: number
}

const file = z.string().min(1)
const login = z.strictObject({
  username: z.string().min(1),
  password: z.string().min(1).optional(),
  passwordFile: file.optional(),
})
const tls = z.strictObject({
  ca: file.optional(),
  cert: file.optional(),
  key: file.optional(),
  passphrase: z.string().min(1).optional(),
  passphraseFile: file.optional(),
})

export function kafkaShape(clientId: string): z.ZodType<KafkaSettings> {
  return section({
    brokers: z.array(z.string().regex(/^.+:\d+$/, 'is host:port')).min(1),
    clientId: z.string().min(1).default(clientId),
    ssl: z.union([z.boolean(), tls]).default(false),
    sasl: login.extend({ mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']) }).optional(),
    sessionTimeoutMs: z.number().int().min(1000).max(300_000).default(30_000),
  })
}

export const registryShape: z.ZodType<RegistrySettings> = section({
  url: z.url({ protocol: /^https?$/ }),
  ca: file.optional(),
  auth: login.optional(),
})

/** One that is not there lacks its settings, each of which has a variable to name; the section itself has none. */
function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodType<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  return z.preprocess((written) => written ?? {}, z.strictObject(shape))
}

export function healthShape(port: number): z.ZodType<HealthSettings> {
  return z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(port) })
    .prefault({})
}

/** How the environment says where things are, and as whom. */
export const connectionVariables: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka.brokers',
  KAFKA_SASL_MECHANISM: 'kafka.sasl.mechanism',
  KAFKA_SASL_USERNAME: 'kafka.sasl.username',
  KAFKA_SASL_PASSWORD: 'kafka.sasl.password',
  KAFKA_SASL_PASSWORD_FILE: 'kafka.sasl.passwordFile',
  KAFKA_SSL_CA: 'kafka.ssl.ca',
  KAFKA_SSL_CERT: 'kafka.ssl.cert',
  KAFKA_SSL_KEY: 'kafka.ssl.key',
  KAFKA_SSL_PASSPHRASE: 'kafka.ssl.passphrase',
  KAFKA_SSL_PASSPHRASE_FILE: 'kafka.ssl.passphraseFile',
  SCHEMA_REGISTRY_URL: 'registry.url',
  SCHEMA_REGISTRY_CA: 'registry.ca',
  SCHEMA_REGISTRY_USERNAME: 'registry.auth.username',
  SCHEMA_REGISTRY_PASSWORD: 'registry.auth.password',
  SCHEMA_REGISTRY_PASSWORD_FILE: 'registry.auth.passwordFile',
  RAISON_HEALTH_HOST: 'health.host',
  RAISON_HEALTH_PORT: 'health.port',
  RAISON_LOG_LEVEL: 'logLevel',
}

/** Reads the files that the settings name. Throws ConfigError. */
export function toKafkaConfig({ brokers, clientId, ssl, sasl }: KafkaSettings): KafkaConfig {
  return {
    brokers,
    clientId,
    ...(ssl === true && { ssl: {} }),
    ...(typeof ssl === 'object' && { ssl: readTls(ssl) }),
    ...(sasl && { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: readSecret(sasl) } }),
  }
}

/** Reads the files that the settings name. Throws ConfigError. */
export function toRegistryConfig({ url, ca, auth }: RegistrySettings): RegistryConfig {
  return {
    url,
    ...(ca !== undefined && { ca: readSetting(ca) }),
    ...(auth !== undefined && { auth: { username: auth.username, password: readSecret(auth) } }),
  }
}
