import type { Kafka } from 'kafkajs'
import type { RegistryConfig } from '@raison/events'
import { readTopics, type Env } from '@raison/service-kit'
import { openKafka } from '../kafka/open-kafka.ts'

/** Where quarantined records lie, and what decodes them. */
export interface Quarantine {
  readonly kafka: Kafka
  readonly registry: RegistryConfig
  readonly topic: string
}

/** The configuration's quarantine unless another one is named. Throws ConfigError, BROKER_UNREACHABLE. */
export async function openQuarantine(topic: string | undefined, env: Env): Promise<Quarantine> {
  return { topic: topic ?? readTopics(env).quarantined, ...(await openKafka(env)) }
}
