import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { PrepareBatch } from '../prepare-batch.ts'
import { StreamError, type StreamErrorCode } from '../stream-error.ts'
import type { BatchAnswer, BatchTask, Refusal } from './answer-batches.ts'
import { packRecords, unpackOutputs } from './pack-records.ts'

export interface BatchThreads {
  /** Resolves when a processor is open: with the error's code and message when it cannot be. */
  start(): Promise<Refusal | undefined>
  readonly prepare: PrepareBatch
  close(): Promise<void>
}

/** Batches of several partitions wait for I/O side by side on one thread. */
const batchesPerThread = 8

/**
 * Threads that prepare batches while this one talks to Kafka. `module` exports what `answerBatches` gives as its default,
 * and finds `data` (cloned) as piscina's workerData.
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
  return {
    start: async () => (await pool.run(undefined)) as Refusal | undefined,
    async prepare(records, limits) {
      const packed = packRecords(records)
      const answer = await pool.run({ records: packed, limits }, { transferList: [packed.bytes.buffer] })
      if ('code' in answer!) throw new StreamError(answer.code as StreamErrorCode, answer.message)
      return { outputs: unpackOutputs(answer!.outputs), quarantined: answer!.quarantined }
    },
    close: () => pool.destroy(),
  }
}
