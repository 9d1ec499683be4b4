import type { RegistryConfig } from '@raison/events'
import { readCluster, type Env } from '@raison/service-kit'
// Also repairs how kafkajs reads topics with aborted transactions.
import { refusedConnection, StreamError, toClientConfig, type KafkaConfig } from '@raison/stream-runtime'
import { Kafka, logLevel, type KafkaConfig as KafkajsConfig } from 'kafkajs'
import { withAdmin } from './with-admin.ts'

/** Short, as a transaction may meet the end of the one before it. */
const retry = { initialRetryTime: 50, retries: 8 }
const answerWithinMs = 3000

export interface OpenedCluster {
  readonly kafka: Kafka
  readonly registry: RegistryConfig
}

/** The cluster of the configuration, where a broker has answered, and what decodes its records. Throws ConfigError, BROKER_UNREACHABLE, _REFUSED, _UNTRUSTED. */
export async function openKafka(env: Env): Promise<OpenedCluster> {
  const { kafka, registry } = readCluster(env)
  await requireBroker(kafka)
  return { kafka: clientOf(kafka, { retry }), registry }
}

/** Each address is tried, and the first once more, for seconds: a person waits for the answer. */
async function requireBroker(config: KafkaConfig): Promise<void> {
  const retry = { initialRetryTime: 50, retries: config.brokers.length }
  const client = clientOf(config, { retry, requestTimeout: answerWithinMs, authenticationTimeout: answerWithinMs })
  // To be connected says little: kafkajs takes a socket for a broker when it tries again.
  await withAdmin(client, (admin) => admin.describeCluster()).catch((cause: Error) => {
    const unreachable = new StreamError(
      'BROKER_UNREACHABLE',
      `no broker can be used at ${config.brokers.join(',')} (${cause.message}): check that it runs, its address, and what the configuration says of TLS and SASL`,
      { cause },
    )
    throw refusedConnection(cause, config.brokers) ?? unreachable
  })
}

function clientOf(config: KafkaConfig, patience: Partial<KafkajsConfig>): Kafka {
  const own = { connectionTimeout: answerWithinMs, logLevel: logLevel.NOTHING }
  return new Kafka({ ...toClientConfig(config), ...own, ...patience })
}
