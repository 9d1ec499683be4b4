import { Kafka, logLevel, type KafkaConfig as KafkajsConfig } from 'kafkajs'
import type { Logger } from 'pino'
import { logToPino } from './log-to-pino.ts'
import { sendAtOnce } from './send-at-once.ts'
import './add-topics-singly.ts'
import './encode-produce.ts'
import './join-after-all.ts'
import './remember-coordinators.ts'
import './rest-when-idle.ts'
import './skip-aborted-records.ts'
import './zstd.ts'

/** How to reach a cluster; secrets are values here, reading them from files is the service's job. */
export interface KafkaConfig {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** PEM texts; `{}` trusts the system's authorities. */
  readonly ssl?: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    readonly passphrase?: string
    readonly servername?: string
    readonly rejectUnauthorized?: boolean
  }
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
}

/**
 * Every value is said, because NODE_ENV=test changes the client's defaults. The first retry comes after 1 ms, as a transaction often meets
 * the end of the one before it (CONCURRENT_TRANSACTIONS); after about 3 s in all a step has failed and the partition is taken anew.
 */
export const retry = { initialRetryTime: 1, multiplier: 1.6, factor: 0.2, maxRetryTime: 1000, retries: 16 }

export function connectKafka(config: KafkaConfig, logger: Logger): Kafka {
  return new Kafka({
    ...toClientConfig(config),
    retry,
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    logLevel: logLevel.INFO,
    socketFactory: sendAtOnce,
    logCreator: logToPino(logger),
  })
}

/** What kafkajs has to know of a cluster. */
export function toClientConfig({ brokers, clientId, ssl, sasl }: KafkaConfig): KafkajsConfig {
  return {
    brokers: [...brokers],
    clientId,
    ...(ssl && { ssl: { ...ssl } }),
    ...(sasl && { sasl: { ...sasl } as NonNullable<KafkajsConfig['sasl']> }),
  }
}
