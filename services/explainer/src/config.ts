import {
  connectionVariables,
  healthShape,
  kafkaShape,
  readConfigBy,
  registryShape,
  topicsShape,
  topicVariables,
  type Env,
  type HealthSettings,
  type KafkaSettings,
  type LogLevel,
  type RegistrySettings,
} from '@raison/service-kit'
import { z } from 'zod'

export interface ExplainerConfig {
  readonly kafka: KafkaSettings
  readonly registry: RegistrySettings
  /** A directory that holds bundle directories. */
  readonly bundles: string
  /** Consumer group. */
  readonly group: string
  readonly topics: { readonly decisions: string; readonly explained: string; readonly quarantined: string }
  readonly contributions: 'all' | 'reasons'
  /** What transactions are made for: answers soon, or many records each. */
  readonly mode: 'latency' | 'throughput'
  /** Of the batches in the output topics: their readers must know the codec. */
  readonly compression: 'none' | 'zstd'
  /** How long a decision of a model without bundle waits for it, before it is set aside. */
  readonly unknownModel: { readonly holdSeconds: number }
  /** Threads that explain, beside the one that talks to Kafka; each holds the bundles once more. */
  readonly threads: number
  /** How a model without exact route is fitted when its artefact is missing; `off` waits for one that is fitted elsewhere. */
  readonly fit: 'off' | { readonly maxMinutes: number; readonly maxMilliseconds: number }
  readonly health: HealthSettings
  readonly logLevel: LogLevel
}

const topics = ['decisions', 'explained', 'quarantined'] as const

const shape: z.ZodType<ExplainerConfig> = z.strictObject({
  kafka: kafkaShape('raison-explainer'),
  registry: registryShape,
  bundles: z.string().min(1),
  group: z.string().min(1),
  topics: topicsShape(topics),
  contributions: z.enum(['all', 'reasons']).default('all'),
  mode: z.enum(['latency', 'throughput']).default('latency'),
  compression: z.enum(['none', 'zstd']).default('none'),
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
  health: healthShape(8090),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

const variables: Readonly<Record<string, string>> = {
  ...connectionVariables,
  RAISON_BUNDLES: 'bundles',
  RAISON_GROUP: 'group',
  ...topicVariables(topics),
  RAISON_MODE: 'mode',
  RAISON_COMPRESSION: 'compression',
  RAISON_THREADS: 'threads',
  RAISON_FIT_MAX_MINUTES: 'fit.maxMinutes',
  RAISON_FIT_MAX_MILLISECONDS: 'fit.maxMilliseconds',
  RAISON_FIT: 'fit',
}
const numbers = ['health.port', 'threads', 'fit.maxMinutes', 'fit.maxMilliseconds']

/** Throws ConfigError. */
export function readConfig(env: Env): ExplainerConfig {
  return readConfigBy({ shape, variables, numbers, lists: ['kafka.brokers'] }, env)
}
