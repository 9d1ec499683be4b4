import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { PrepareBatch } from '../prepare-batch.ts'
import { StreamError, streamErrorCodes, type StreamErrorCode } from '../stream-error.ts'
import type { BatchAnswer, BatchTask, Refusal } from './answer-batches.ts'
import { packRecords, unpackOutputs } from './pack-records.ts'

export interface BatchThreads {
  /** Resolves when a processor is open: with the error's code and message when it cannot be. Rejects when the thread dies. */
  start(): Promise<Refusal | undefined>
  readonly prepare: PrepareBatch
  close(): Promise<void>
}

/** Batches of several partitions wait for I/O side by side on one thread. */
const batchesPerThread = 8

/**
 * Threads that prepare batches while this one talks to Kafka. `module` exports what `answerBatches` gives as its default,
 * and finds `data` (cloned) as piscina's workerData. A thread that dies fails the batches it had, with PROCESSOR_FAILED: the
 * run stops with the positions kept. One that dies between batches fails all that follow.
 */
export function openBatchThreads(module: URL, data: unknown, threads: number): BatchThreads {
  const pool = new Piscina<BatchTask | undefined, BatchAnswer>({
    filename: fileURLToPath(module),
    workerData: data,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: batchesPerThread,
    // Threads live between batches: they look for bundles and wait for their own scoring threads.
    atomics: 'disabled',
  })
  // Without a listener the error would end the process; and a pool whose thread cannot even start takes tasks for ever.
  let death: Error | undefined
  const waiting = new Set<(cause: Error) => void>()
  pool.on('error', (cause: Error) => {
    death ??= cause
    for (const fail of waiting) fail(cause)
  })
  // No race against one promise for all: while it is pending it would keep every answer.
  const run = (task: BatchTask | undefined, moved: ArrayBuffer[]): Promise<BatchAnswer> =>
    new Promise((resolve, reject) => {
      if (death !== undefined) return reject(death)
      waiting.add(reject)
      void pool
        .run(task, { transferList: moved })
        .then(resolve, reject)
        .finally(() => waiting.delete(reject))
    })
  return {
    start: async () => (await run(undefined, [])) as Refusal | undefined,
    async prepare(records, limits) {
      const packed = packRecords(records)
      const answer = await run({ records: packed, limits }, [packed.bytes.buffer]).catch((cause) => {
        throw lost(cause)
      })
      if ('code' in answer!) throw refused(answer)
      return { ...answer!, outputs: unpackOutputs(answer!.outputs) }
    },
    close: () => pool.destroy(),
  }
}

/** Of a bug's message only the system's part is told: it may hold values of a record. */
function lost(cause: Error & { code?: unknown }): StreamError {
  const reason = [cause.name, cause.code].filter(Boolean).join(' ')
  return new StreamError(
    'PROCESSOR_FAILED',
    `a thread that prepares batches has ended or failed (${reason}); the positions are kept, a restart begins there`,
    { cause },
  )
}

/** A thread that was replaced may refuse for a reason of the service's own. */
function refused({ code, message }: Refusal): StreamError {
  const known = streamErrorCodes.find((each): each is StreamErrorCode => each === code)
  return new StreamError(known ?? 'PROCESSOR_FAILED', known === undefined ? `${code}: ${message}` : message)
}
