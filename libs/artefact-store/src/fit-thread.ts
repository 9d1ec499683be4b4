/** A thread that fits surrogates, one at a time. */
import { fitCosine, type CosineNetwork } from '@raison/surrogate'
import { fitTrees, type TreeEnsemble } from '@raison/trees'
import type { FitProgress, FitTask } from './fit-threads.ts'

export default function fit({ task, progress, stop }: FitTask): TreeEnsemble | CosineNetwork {
  const tell = (message: FitProgress): void | 'stop' => {
    progress.postMessage(message)
    if (Atomics.load(stop, 0) === 1) return 'stop'
  }
  return task.kind === 'trees'
    ? fitTrees(task.data, task.options, { onRound: (done, of) => tell({ done, of }) })
    : fitCosine(task.data, task.options, {
        ...(task.resume && { resume: task.resume }),
        onEpoch: ({ epochsDone, takeTraining }) =>
          tell({ done: epochsDone, of: task.options.epochs, training: takeTraining() }),
      })
}
