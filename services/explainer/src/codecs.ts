import {
  createDecisionDecoder,
  createExplanationEncoder,
  createQuarantineEncoder,
  registerSchemas,
} from '@raison/events'
import { toRegistryConfig, waitForRegistry } from '@raison/service-kit'
import type { Logger } from 'pino'
import type { ExplainerConfig } from './config.ts'
import type { Codecs } from './processor.ts'

/** The codecs, once the registry has our schemas; waits for a registry that is away. */
export async function openCodecs(config: ExplainerConfig, log: Logger): Promise<Codecs> {
  const registry = toRegistryConfig(config.registry)
  const { explained, quarantined } = config.topics
  return waitForRegistry(async () => {
    const ids = await registerSchemas(registry, { explained, quarantined })
    return {
      decodeDecision: createDecisionDecoder(registry),
      encodeExplanation: createExplanationEncoder(ids),
      encodeQuarantined: createQuarantineEncoder(ids),
    }
  }, log)
}
