import { setTimeout as pause } from 'node:timers/promises'
import { EventError } from '@raison/events'
import type { Logger } from 'pino'

const retryMs = 2000

/** Tries again for as long as the registry is away, until the signal: it may be started after the service. */
export async function waitForRegistry<T>(action: () => Promise<T>, log: Logger, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof EventError) || error.code !== 'REGISTRY_UNAVAILABLE') throw error
      log.warn({ reason: error.message }, 'waiting for the schema registry')
      await pause(retryMs, undefined, { signal })
    }
  }
}
