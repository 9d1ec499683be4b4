import type { Logger } from 'pino'
import type { OpenBatches } from './partition-worker.ts'
import { StreamError } from './stream-error.ts'

/** A batch is tried every few seconds, for as long as it takes: to say each time would only fill the log. */
const sayAgainMs = 30_000

/** Batches of which the log says why they wait, when the processor cannot do them yet. */
export function sayWhy(open: OpenBatches, logger: Logger, now: () => number): OpenBatches {
  return async (assigned, kafka) => {
    const prepare = await open(assigned, kafka)
    const { topic, partition } = assigned
    let saidAt = -Infinity
    return async (records, limits) => {
      try {
        return await prepare(records, limits)
      } catch (error) {
        const waits = error instanceof StreamError && error.code === 'PROCESSOR_RETRY'
        if (waits && now() - saidAt >= sayAgainMs) {
          saidAt = now()
          logger.warn(
            { code: error.code, topic, partition, reason: error.message },
            'a batch waits, and is tried again',
          )
        }
        throw error
      }
    }
  }
}
