import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

type ConfigErrorCode = 'CONFIG_INVALID'

/** The configuration cannot be used; the message names the setting and how to set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode = 'CONFIG_INVALID'
}

interface Login {
  readonly username: string
  /** A secret is written in the file, or better, named as a file of its own. */
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
}

export interface ExplainerConfig {
  readonly kafka: {
    readonly brokers: string[]
    readonly clientId: string
    /** Paths of PEM files. */
    readonly ssl:
      | boolean
      | { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined }
    readonly sasl?: (Login & { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' }) | undefined
    /** A member that is silent for so long loses its partitions. */
    readonly sessionTimeoutMs: number
  }
  readonly registry: { readonly url: string; readonly ca?: string | undefined; readonly auth?: Login | undefined }
  /** A directory that holds bundle directories. */
  readonly bundles: string
  /** Consumer group. */
  readonly group: string
  readonly topics: { readonly decisions: string; readonly explained: string; readonly quarantined: string }
  readonly contributions: 'all' | 'reasons'
  /** What transactions are made for: answers soon, or many records each. */
  readonly mode: 'latency' | 'throughput'
  /** How long a decision of a model without bundle waits for it, before it is set aside. */
  readonly unknownModel: { readonly holdSeconds: number }
  /** Threads that explain, beside the one that talks to Kafka; each holds the bundles once more. */
  readonly threads: number
  /** How a model without exact route is fitted when its artefact is missing; `off` waits for one that is fitted elsewhere. */
  readonly fit: 'off' | { readonly maxMinutes: number; readonly maxMilliseconds: number }
  readonly health: { readonly host: string; readonly port: number }
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

const secret = z.string().min(1)
const file = z.string().min(1)

const login = z.strictObject({
  username: z.string().min(1),
  password: secret.optional(),
  passwordFile: file.optional(),
})

const configShape: z.ZodType<ExplainerConfig> = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/^.+:\d+$/, 'is host:port')).min(1),
    clientId: z.string().min(1).default('raison-explainer'),
    ssl: z
      .union([z.boolean(), z.strictObject({ ca: file.optional(), cert: file.optional(), key: file.optional() })])
      .default(false),
    sasl: login.extend({ mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']) }).optional(),
    sessionTimeoutMs: z.number().int().min(1000).max(300_000).default(30_000),
  }),
  registry: z.strictObject({ url: z.url({ protocol: /^https?$/ }), ca: file.optional(), auth: login.optional() }),
  bundles: z.string().min(1),
  group: z.string().min(1),
  topics: z
    .strictObject({
      decisions: z.string().min(1).default('decisions.scored'),
      explained: z.string().min(1).default('decisions.explained'),
      quarantined: z.string().min(1).default('decisions.quarantined'),
    })
    .refine((topics) => new Set(Object.values(topics)).size === 3, 'are three different topics')
    .prefault({}),
  contributions: z.enum(['all', 'reasons']).default('all'),
  mode: z.enum(['latency', 'throughput']).default('latency'),
  unknownModel: z.strictObject({ holdSeconds: z.number().min(0).default(0) }).prefault({}),
  threads: z.number().int().min(1).max(256).default(1),
  fit: z
    .union(
      [
        z.literal('off'),
        z.strictObject({
          maxMinutes: z.number().positive().default(6),
          maxMilliseconds: z.number().positive().default(10),
        }),
      ],
      { error: 'is off, or maxMinutes and maxMilliseconds, numbers above 0' },
    )
    .prefault({}),
  health: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(8090) })
    .prefault({}),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

/** The configuration of RAISON_CONFIG (YAML or JSON, optional), with what the environment says on top of it. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ExplainerConfig {
  const written = !env['RAISON_CONFIG'] ? {} : readYaml(env['RAISON_CONFIG'])
  const result = configShape.safeParse(withEnvironment(written, env))
  if (!result.success)
    throw new ConfigError(result.error.issues.map(({ path, message }) => toProblem(path.join('.'), message)).join('\n'))
  return result.data
}

/** Where the environment says it: variable → path in the file. */
const variables: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka.brokers',
  KAFKA_SASL_MECHANISM: 'kafka.sasl.mechanism',
  KAFKA_SASL_USERNAME: 'kafka.sasl.username',
  KAFKA_SASL_PASSWORD: 'kafka.sasl.password',
  KAFKA_SASL_PASSWORD_FILE: 'kafka.sasl.passwordFile',
  KAFKA_SSL_CA: 'kafka.ssl.ca',
  SCHEMA_REGISTRY_URL: 'registry.url',
  SCHEMA_REGISTRY_USERNAME: 'registry.auth.username',
  SCHEMA_REGISTRY_PASSWORD: 'registry.auth.password',
  SCHEMA_REGISTRY_PASSWORD_FILE: 'registry.auth.passwordFile',
  RAISON_BUNDLES: 'bundles',
  RAISON_GROUP: 'group',
  RAISON_TOPIC_DECISIONS: 'topics.decisions',
  RAISON_TOPIC_EXPLAINED: 'topics.explained',
  RAISON_TOPIC_QUARANTINED: 'topics.quarantined',
  RAISON_MODE: 'mode',
  RAISON_THREADS: 'threads',
  RAISON_FIT_MAX_MINUTES: 'fit.maxMinutes',
  RAISON_FIT_MAX_MILLISECONDS: 'fit.maxMilliseconds',
  RAISON_FIT: 'fit',
  RAISON_HEALTH_HOST: 'health.host',
  RAISON_HEALTH_PORT: 'health.port',
  RAISON_LOG_LEVEL: 'logLevel',
}

function withEnvironment(written: object, env: Readonly<Record<string, string | undefined>>): object {
  const config = structuredClone(written)
  for (const [variable, path] of Object.entries(variables)) {
    const value = env[variable]
    if (value !== undefined && value !== '') setAt(config, path.split('.'), typed(path, value))
  }
  return config
}

const numbers: ReadonlySet<string> = new Set(['health.port', 'threads', 'fit.maxMinutes', 'fit.maxMilliseconds'])

function typed(path: string, value: string): unknown {
  if (path === 'kafka.brokers') return value.split(',').map((broker) => broker.trim())
  return numbers.has(path) ? Number(value) : value
}

function setAt(target: object, [first, ...rest]: string[], value: unknown): void {
  const node = target as Record<string, unknown>
  if (rest.length === 0) node[first!] = value
  else {
    if (typeof node[first!] !== 'object' || node[first!] === null) node[first!] = {}
    setAt(node[first!] as object, rest, value)
  }
}

function readYaml(path: string): object {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'))
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  } catch (cause) {
    throw new ConfigError(`RAISON_CONFIG: ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  throw new ConfigError(`RAISON_CONFIG: ${path} is not a mapping of settings`)
}

function toProblem(path: string, message: string): string {
  const variable = Object.keys(variables).find((name) => variables[name] === path)
  return `${path === '' ? 'configuration' : path}: ${message}${variable === undefined ? '' : ` (set ${variable}, or ${path} in the file of RAISON_CONFIG)`}`
}
