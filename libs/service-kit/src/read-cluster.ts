import { stateTopicNames, topicNames, type RegistryConfig } from '@raison/events'
import type { KafkaConfig } from '@raison/stream-runtime'
import { z } from 'zod'
import { connectionVariables, kafkaShape, registryShape, toKafkaConfig, toRegistryConfig } from './connections.ts'
import { readConfigBy, type Env } from './read-config.ts'

export interface Cluster {
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
}

/** The topics of all services, as their files name them. */
export type Topics = Readonly<Record<keyof typeof topicNames | 'windowsState' | 'driftState', string>>

const topic = (name: string): z.ZodDefault<z.ZodString> => z.string().min(1).default(name)

// Not strict: what only services know is passed over.
const clusterShape = z.object({ kafka: kafkaShape('raison'), registry: registryShape })
const topicsShape = z.object({
  topics: z
    .strictObject({
      decisions: topic(topicNames.decisions),
      explained: topic(topicNames.explained),
      quarantined: topic(topicNames.quarantined),
      windows: topic(topicNames.windows),
      drift: topic(topicNames.drift),
      windowsState: topic(stateTopicNames.windows),
      driftState: topic(stateTopicNames.evidence),
    })
    .refine((topics) => new Set(Object.values(topics)).size === 7, 'are seven different topics')
    .prefault({}),
})

const topicVariables: Readonly<Record<string, string>> = {
  RAISON_TOPIC_DECISIONS: 'topics.decisions',
  RAISON_TOPIC_EXPLAINED: 'topics.explained',
  RAISON_TOPIC_QUARANTINED: 'topics.quarantined',
  RAISON_TOPIC_WINDOWS: 'topics.windows',
  RAISON_TOPIC_DRIFT: 'topics.drift',
  RAISON_TOPIC_WINDOWS_STATE: 'topics.windowsState',
  RAISON_TOPIC_DRIFT_STATE: 'topics.driftState',
}

/** Kafka and the registry, as every service reads them; the file may be any service's. Throws ConfigError. */
export function readCluster(env: Env): Cluster {
  const rules = { shape: clusterShape, variables: connectionVariables, numbers: [], lists: ['kafka.brokers'] }
  const { kafka, registry } = readConfigBy(rules, env)
  return { kafka: toKafkaConfig(kafka), registry: toRegistryConfig(registry) }
}

/** The names of the topics, as the services read them; the file may be any service's. Throws ConfigError. */
export function readTopics(env: Env): Topics {
  return readConfigBy({ shape: topicsShape, variables: topicVariables, numbers: [], lists: [] }, env).topics
}
