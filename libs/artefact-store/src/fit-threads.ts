import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { CosineData, CosineNetwork, CosineOptions, CosineTraining } from '@raison/surrogate'
import type { FitOptions, TrainingData, TreeEnsemble } from '@raison/trees'
import { ArtefactError } from './artefact-error.ts'

interface TreeTask {
  readonly kind: 'trees'
  readonly data: TrainingData
  readonly options: FitOptions
}

interface CosineTask {
  readonly kind: 'cosine'
  readonly data: CosineData
  readonly options: CosineOptions & { readonly epochs: number }
  readonly resume: CosineTraining | undefined
}

export interface FitTask {
  readonly task: TreeTask | CosineTask
  readonly progress: MessagePort
  /** Shared: 1 once the fit is to end with what it has. */
  readonly stop: Int32Array
}

export interface FitProgress {
  readonly done: number
  readonly of: number
  /** Of a network after each epoch, to resume from. */
  readonly training?: CosineTraining
}

/** `'stop'` ends the fit with what it has, a round or an epoch later where the thread is ahead. */
type OnProgress = (progress: FitProgress) => void | 'stop'

/** Threads that fit; the data are copied to them. What goes wrong there, or is cut off by `close`, is ArtefactError FIT_FAILED. */
export interface FitThreads {
  fitTrees(data: TrainingData, options: FitOptions, onProgress: OnProgress): Promise<TreeEnsemble>
  fitCosine(
    data: CosineData,
    options: CosineTask['options'],
    onProgress: OnProgress,
    resume?: CosineTraining,
  ): Promise<CosineNetwork>
  close(): Promise<void>
}

export function openFitThreads(threads: number): FitThreads {
  const pool = new Piscina<FitTask, TreeEnsemble | CosineNetwork>({
    filename: fileURLToPath(new URL('./fit-thread.ts', import.meta.url)),
    minThreads: 0,
    maxThreads: threads,
  })
  // A thread that is told to end may still answer, or die between two tasks. Without a listener that would end the process.
  pool.on('error', () => undefined)
  const run = async (task: FitTask['task'], onProgress: OnProgress): Promise<TreeEnsemble | CosineNetwork> => {
    const { port1, port2 } = new MessageChannel()
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const listen = (progress: FitProgress): void => {
      if (onProgress(progress) === 'stop') Atomics.store(stop, 0, 1)
    }
    port1.on('message', listen)
    try {
      const fitted = await pool.run({ task, progress: port2, stop }, { transferList: [port2] })
      // What was told before the end may have been overtaken by it.
      for (let left = receiveMessageOnPort(port1); left !== undefined; left = receiveMessageOnPort(port1))
        listen(left.message as FitProgress)
      return fitted
    } catch (cause) {
      throw new ArtefactError('FIT_FAILED', `the surrogate was not fitted: ${(cause as Error).message}`, { cause })
    } finally {
      port1.close()
    }
  }
  return {
    fitTrees: async (data, options, onProgress) =>
      (await run({ kind: 'trees', data, options }, onProgress)) as TreeEnsemble,
    fitCosine: async (data, options, onProgress, resume) =>
      (await run({ kind: 'cosine', data, options, resume }, onProgress)) as CosineNetwork,
    close: () => pool.destroy(),
  }
}
