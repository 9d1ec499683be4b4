import { Kafka, logLevel } from 'kafkajs'
// Repairs how kafkajs reads topics with aborted transactions.
import '@raison/stream-runtime'
import type { RegistryConfig } from '@raison/events'
import { clusterOf } from '../topics.ts'

/** The cluster that the environment names, and what decodes its records. Throws CliError USAGE. */
export function openKafka(env: NodeJS.ProcessEnv): { readonly kafka: Kafka; readonly registry: RegistryConfig } {
  const { brokers, registryUrl } = clusterOf(env)
  const kafka = new Kafka({
    clientId: 'raison',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // Short, as a transaction may meet the end of the one before it.
    retry: { initialRetryTime: 50, retries: 8 },
  })
  return { kafka, registry: { url: registryUrl } }
}
