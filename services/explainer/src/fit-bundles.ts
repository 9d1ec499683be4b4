import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { locks } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { ExplainerConfig } from './config.ts'
import type { TellExplained } from './explained-news.ts'
import type { FitOrder } from './fit-process.ts'
import type { TellBundleNews } from './problems.ts'

/** Settles when the fit of this bundle directory has ended, well or not; never rejects. Aborted when it is no longer needed. */
export type FitDirectory = (directory: string, signal: AbortSignal) => Promise<void>

const fitProcess = fileURLToPath(new URL('./fit-process.ts', import.meta.url))

/**
 * Fits bundles one after the other, in a process of its own each: explaining goes on, a fit that runs out of memory ends
 * alone, and the processor time it measures is its own. Of the threads that want the same bundle one sees to it, for as long
 * as its artefact is wanted: a fit that has failed is not another thread's turn.
 */
export function fitBundles(
  { fit, logLevel }: Pick<ExplainerConfig, 'fit' | 'logLevel'>,
  log: Logger,
  tell: TellBundleNews,
  tellExplained: TellExplained,
): FitDirectory {
  if (fit === 'off') return async () => undefined
  return (directory, signal) => {
    const ended = Promise.withResolvers<void>()
    void locks.request(`raison-fit ${directory}`, { ifAvailable: true }, async (charge) => {
      if (charge === null) return ended.resolve()
      try {
        if (await fitInTurn({ directory, logLevel, ...fit }, signal)) tellExplained({ methods: [], fitted: 'done' })
        else log.warn({ directory }, endedEarly)
      } catch (error) {
        if (signal.aborted) return ended.resolve()
        log.error({ directory, reason: (error as Error).message }, notFitted)
        tell({ directory, code: 'FIT_FAILED', message: notFitted })
        tellExplained({ methods: [], fitted: 'failed' })
      }
      ended.resolve()
      if (!signal.aborted) await once(signal, 'abort')
    })
    return ended.promise
  }
}

export const notFitted = 'not fitted, and not tried again: explanations stay degraded until the artefact is there'

/** The status of a fit's process that was told to end, as the shell gives it to one that SIGTERM has ended. */
export const toldToEnd = 143

const endedEarly = 'its fit was told to end, and goes on at the next start: explanations stay degraded until then'

/** False when its process was told to end: at a stop of the service the signal may come to all its processes at once. */
async function fitInTurn(order: FitOrder, signal: AbortSignal): Promise<boolean> {
  return locks.request('raison-fit', { signal }, async () => {
    const child = fork(fitProcess, [JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], signal })
    const [status, killedBy] = (await once(child, 'exit')) as [number | null, string | null]
    if (status === toldToEnd || killedBy === 'SIGTERM' || killedBy === 'SIGINT') return false
    if (status !== 0) throw new Error(`its process ended with ${status ?? killedBy}`)
    return true
  })
}
