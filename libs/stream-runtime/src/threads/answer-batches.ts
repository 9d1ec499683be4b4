import { move, transferableSymbol, valueSymbol } from 'piscina'
import { prepareWith, type PreparedBatch, type RecordLimits } from '../prepare-batch.ts'
import type { Processor } from '../processor.ts'
import { packOutputs, unpackRecords, type Packed } from './pack-records.ts'

export interface BatchTask {
  readonly records: Packed
  readonly limits: RecordLimits
}

/** Errors lose their class between threads: what is needed of them travels as data. */
export interface Refusal {
  readonly code: string
  readonly message: string
}

export type BatchAnswer = (Omit<PreparedBatch, 'outputs'> & { readonly outputs: Packed }) | Refusal | undefined

export type AnswerBatch = (task: BatchTask | undefined) => Promise<unknown>

/**
 * What the module of a batch thread exports as its default: the answer to every task of `openBatchThreads`. A processor
 * that cannot be opened refuses the first task, which asks for nothing else, with its error's code.
 */
export function answerBatches<In, Out>(opening: Promise<Processor<In, Out>>): AnswerBatch {
  opening.catch(() => undefined) // told to the first who asks
  return async (task) => {
    try {
      const prepare = prepareWith(await opening)
      return task && movable(await prepare(unpackRecords(task.records), task.limits))
    } catch (error) {
      const { code, message } = error as Error & { code?: unknown }
      if (typeof code !== 'string') throw error
      return { code, message } satisfies Refusal
    }
  }
}

/** The bytes of the outputs move instead of being copied. */
function movable({ outputs, ...counts }: PreparedBatch): unknown {
  const packed = packOutputs(outputs)
  const answer: BatchAnswer = { outputs: packed, ...counts }
  return move({ [transferableSymbol]: packed.bytes.buffer, [valueSymbol]: answer })
}
