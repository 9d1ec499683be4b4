import type { RegistryConfig } from '@raison/events'
import type { KafkaConfig } from '@raison/stream-runtime'
import { z } from 'zod'
import { connectionVariables, kafkaShape, registryShape, toKafkaConfig, toRegistryConfig } from './connections.ts'
import { readConfigBy, type Env } from './read-config.ts'
import { allTopics, topicsShape, topicVariables, type Topics } from './topics.ts'

export interface Cluster {
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
}

// Not strict: what only services know is passed over.
const clusterShape = z.object({ kafka: kafkaShape('raison'), registry: registryShape })
const topicsOnly = z.object({ topics: topicsShape(allTopics) })

/** Kafka and the registry, as every service reads them; the file may be any service's. Throws ConfigError. */
export function readCluster(env: Env): Cluster {
  const rules = { shape: clusterShape, variables: connectionVariables, numbers: [], lists: ['kafka.brokers'] }
  const { kafka, registry } = readConfigBy(rules, env)
  return { kafka: toKafkaConfig(kafka), registry: toRegistryConfig(registry) }
}

/** The names of the topics, as the services read them; the file may be any service's. Throws ConfigError. */
export function readTopics(env: Env): Topics {
  const rules = { shape: topicsOnly, variables: topicVariables(allTopics), numbers: [], lists: [] }
  return readConfigBy(rules, env).topics
}
