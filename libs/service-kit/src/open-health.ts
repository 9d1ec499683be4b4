import type { RequestListener } from 'node:http'
import { serveHealth, type Health, type HealthServer } from '@raison/stream-runtime'
import { ConfigError } from './config-error.ts'
import type { HealthSettings } from './connections.ts'

/** Throws ConfigError when the address cannot be listened on. */
export async function openHealth(
  { host, port }: HealthSettings,
  health: () => Health,
  answerMetrics: RequestListener,
): Promise<HealthServer> {
  return serveHealth(health, port, host, answerMetrics).catch((cause) => {
    throw new ConfigError(
      `health: ${host}:${port} cannot be listened on: ${cause.message} (set RAISON_HEALTH_PORT, 0 takes a free one)`,
      { cause },
    )
  })
}

/** Alive, and not ready: a registry that is away must not look like a service that is dead. */
export const waitingForRegistry: Health = {
  live: true,
  ready: false,
  reason: 'waiting for the schema registry',
  partitions: [],
  problems: [],
}
