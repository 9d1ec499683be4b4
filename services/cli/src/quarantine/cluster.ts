import type { Kafka } from 'kafkajs'
import type { RegistryConfig } from '@raison/events'
import { openKafka } from '../kafka/open-kafka.ts'

/** Where quarantined records lie, and what decodes them. */
export interface Quarantine {
  readonly kafka: Kafka
  readonly registry: RegistryConfig
  readonly topic: string
}

export function openQuarantine(topic: string, env: NodeJS.ProcessEnv): Quarantine {
  return { ...openKafka(env), topic }
}
