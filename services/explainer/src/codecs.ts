import {
  createDecisionDecoder,
  createExplanationEncoder,
  createQuarantineEncoder,
  EventError,
  registerSchemas,
  type RegistryConfig,
} from '@raison/events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ExplainerConfig } from './config.ts'
import type { Codecs } from './processor.ts'
import { readSecret, readSetting } from './read-secret.ts'

const retryMs = 2000

/** The codecs, once the registry has our schemas; waits for a registry that is away. */
export async function openCodecs(config: ExplainerConfig, log: Logger): Promise<Codecs> {
  const registry = registryConfig(config)
  const { explained, quarantined } = config.topics
  for (;;) {
    try {
      const ids = await registerSchemas(registry, { explained, quarantined })
      return {
        decodeDecision: createDecisionDecoder(registry),
        encodeExplanation: createExplanationEncoder(ids),
        encodeQuarantined: createQuarantineEncoder(ids),
      }
    } catch (error) {
      if (!(error instanceof EventError) || error.code !== 'REGISTRY_UNAVAILABLE') throw error
      log.warn({ reason: error.message }, 'waiting for the schema registry')
      await pause(retryMs)
    }
  }
}

function registryConfig({ registry: { url, ca, auth } }: ExplainerConfig): RegistryConfig {
  return {
    url,
    ...(ca !== undefined && { ca: readSetting(ca) }),
    ...(auth !== undefined && { auth: { username: auth.username, password: readSecret(auth) } }),
  }
}
