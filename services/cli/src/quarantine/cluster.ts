import { Kafka, logLevel } from 'kafkajs'
// Repairs how kafkajs reads topics with aborted transactions.
import '@raison/stream-runtime'
import type { RegistryConfig } from '@raison/events'
import { clusterOf } from '../topics.ts'

/** Where quarantined records lie, and what decodes them. */
export interface Quarantine {
  readonly kafka: Kafka
  readonly registry: RegistryConfig
  readonly topic: string
}

export function openQuarantine(topic: string, env: NodeJS.ProcessEnv): Quarantine {
  const { brokers, registryUrl } = clusterOf(env)
  const kafka = new Kafka({
    clientId: 'raison-quarantine',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // Short, as a transaction may meet the end of the one before it.
    retry: { initialRetryTime: 50, retries: 8 },
  })
  return { kafka, registry: { url: registryUrl }, topic }
}
