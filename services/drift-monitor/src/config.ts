import {
  linkPlaces,
  mostSlices,
  unknownPlaces,
  type CountSettings,
  type EvidenceSettings,
  type SliceRule,
} from '@raison/monitoring'
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

export interface DriftMonitorConfig {
  readonly kafka: KafkaSettings
  readonly registry: RegistrySettings
  /** Consumer group; `-windows`, `-evidence` and `-webhook` are added. */
  readonly group: string
  /** A directory that holds bundle directories with the baselines that `raison fit` has learned. */
  readonly bundles?: string | undefined
  readonly topics: {
    readonly explained: string
    readonly windows: string
    readonly windowsState: string
    readonly drift: string
    readonly driftState: string
  }
  readonly windows: CountSettings['windows']
  readonly slices: readonly SliceRule[]
  readonly duplicatesWithinHours: number
  readonly mostRemembered: number
  readonly runLength: EvidenceSettings['runLength']
  readonly reference: EvidenceSettings['reference']
  readonly idleAfterMinutes: EvidenceSettings['idleAfterMinutes']
  readonly cooldown: EvidenceSettings['cooldown']
  readonly severity: EvidenceSettings['severity']
  readonly link: EvidenceSettings['link']
  readonly webhook?: WebhookSettings | undefined
  readonly health: HealthSettings
  readonly logLevel: LogLevel
}

export interface WebhookSettings {
  readonly url: string
  /** A file that holds the value of the Authorization header. */
  readonly authorizationFile?: string | undefined
}

const positive = z.number().positive()
const value = z.union([z.string(), z.number(), z.null()])
const rule = z
  .strictObject({
    name: z.string().min(1),
    feature: z.string().min(1),
    equals: value.optional(),
    below: z.number().optional(),
    atLeast: z.number().optional(),
  })
  .refine(
    ({ equals, below, atLeast }) => (equals !== undefined) !== (below !== undefined || atLeast !== undefined),
    'says what its members are by equals, or by below and atLeast',
  )
  .refine(
    ({ below = Infinity, atLeast = -Infinity }) => atLeast < below,
    'has no members: atLeast must be less than below',
  )
const tooManyExplanations =
  'is 100,000 at most: the rows of an open window are held in memory, about 1 kB an explanation of 23 features'
const tooLargeReference = 'is 1,000,000 at most: until a baseline is learned from them, their rows are held in memory'
const topics = ['explained', 'windows', 'windowsState', 'drift', 'driftState'] as const

const shape: z.ZodType<DriftMonitorConfig> = z.strictObject({
  kafka: kafkaShape('raison-drift-monitor'),
  registry: registryShape,
  group: z.string().min(1).default('raison-drift'),
  bundles: z.string().min(1).optional(),
  topics: topicsShape(topics),
  windows: z
    .union(
      [
        z.strictObject({ explanations: z.number().int().min(10).max(100_000, tooManyExplanations) }),
        z.strictObject({ minutes: positive, latenessMinutes: z.number().min(0).default(10) }),
      ],
      { error: 'are { explanations: N }, N from 10 to 100,000, or { minutes: M, latenessMinutes: L }' },
    )
    .default({ explanations: 250 }),
  slices: z
    .array(rule)
    .max(mostSlices)
    .refine((slices) => new Set(slices.map(({ name }) => name)).size === slices.length, 'have names of their own')
    .default([]),
  duplicatesWithinHours: positive.default(24),
  mostRemembered: z.number().int().min(1000).max(10_000_000).default(1_000_000),
  // Slices multiply it, and the product has to be a number.
  runLength: z.number().min(1).max(1e12).default(2000),
  reference: z.number().int().min(100).max(1_000_000, tooLargeReference).default(20_000),
  idleAfterMinutes: positive.default(60),
  cooldown: z.number().int().min(0).default(40),
  severity: z
    .strictObject({ warning: positive.default(0.05), critical: positive.default(0.15) })
    .refine(({ warning, critical }) => warning <= critical, 'is warning, then critical')
    .prefault({}),
  link: z
    .string()
    .refine((link) => unknownPlaces(link).length === 0, { error: ({ input }) => refusalOf(input as string) })
    .default(''),
  webhook: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .refine(
          hasNoCredentials,
          'holds a name or a password, with which nothing is called: use webhook.authorizationFile',
        ),
      authorizationFile: z.string().min(1).optional(),
    })
    .optional(),
  health: healthShape(8091),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

function refusalOf(link: string): string {
  const known = linkPlaces.map((name) => `{${name}}`)
  return `nothing is known to fill in for ${unknownPlaces(link).join(', ')}: there are ${known.join(', ')}`
}

function hasNoCredentials(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed === null || (parsed.username === '' && parsed.password === '')
}

const variables: Readonly<Record<string, string>> = {
  ...connectionVariables,
  RAISON_GROUP: 'group',
  RAISON_BUNDLES: 'bundles',
  ...topicVariables(topics),
  RAISON_WINDOW: 'windows.explanations',
  RAISON_RUN_LENGTH: 'runLength',
  RAISON_REFERENCE: 'reference',
  RAISON_LINK: 'link',
  RAISON_WEBHOOK_URL: 'webhook.url',
  RAISON_WEBHOOK_AUTHORIZATION_FILE: 'webhook.authorizationFile',
}
const numbers = ['health.port', 'windows.explanations', 'runLength', 'reference']

/** Throws ConfigError. */
export function readConfig(env: Env): DriftMonitorConfig {
  return readConfigBy({ shape, variables, numbers, lists: ['kafka.brokers'] }, env)
}
