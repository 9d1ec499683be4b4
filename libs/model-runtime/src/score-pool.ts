import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { messageOf, ModelError } from './model-error.ts'
import type { ScoreTask, SessionPlan } from './score-worker.ts'

/** Sessions of onnxruntime for one model on worker threads. */
export interface ScorePool {
  /** Number of columns of tensors of the first model, by scoring one row of zeros; throws whatever onnxruntime throws. */
  countColumns(tensors: readonly string[], step: number): Promise<number[]>
  /** One array per reading, one number per row. Throws MODEL_SCORING_FAILED. */
  run(work: ScoreWork): Promise<Float64Array[]>
  /** When all that was asked is answered: a thread that is ended while it scores ends the process. */
  close(): Promise<void>
}

export interface ScoreWork extends ScoreTask {
  /** `rows` may be moved to a worker: afterwards they are empty, unless their buffer is shared. */
  readonly mayMove: boolean
  /** Into how many pieces the rows are cut at most; one per worker unless said. */
  readonly pieces?: number
}

/** An idle pool does not keep the process alive. */
export function openScorePool(plan: SessionPlan, workers: number, fileName: string): ScorePool {
  const pool = new Piscina<unknown, unknown>({
    filename: fileURLToPath(new URL('./score-worker.ts', import.meta.url)),
    minThreads: workers,
    maxThreads: workers,
    workerData: plan,
  })
  const running = new Set<Promise<unknown>>()
  const ask = <T>(task: unknown, options: Parameters<typeof pool.run>[1]): Promise<T> => {
    const asked = pool.run(task, options).finally(() => running.delete(asked)) as Promise<T>
    running.add(asked)
    return asked
  }
  // Without a listener a thread that dies between tasks would end the process; the pool starts another.
  pool.on('error', () => undefined)
  return {
    countColumns: (tensors, step) => ask({ tensors, step }, { name: 'countColumns' }),
    async run(work) {
      const pieces = cutRows(work, work.pieces ?? workers, plan.featureCount)
      try {
        const values = await Promise.all(
          pieces.map((piece) => ask<Float64Array>(piece, { transferList: ownBuffers(piece) })),
        )
        return joinPieces(pieces, values, work)
      } catch (error) {
        throw new ModelError(
          'MODEL_SCORING_FAILED',
          `${fileName}: onnxruntime could not score ${work.rowCount} rows: ${messageOf(error)}`,
          error,
        )
      }
    },
    async close() {
      await Promise.allSettled(running)
      await pool.destroy()
    },
  }
}

/** At most `most` pieces of nearly the same size, each of whole runs but the last. */
function cutRows({ rows, rowCount, readings, batching, mayMove }: ScoreWork, most: number, width: number): ScoreTask[] {
  const pieceRows = Math.max(1, Math.ceil(rowCount / most / batching.step)) * batching.step
  // A buffer has one owner: it moves whole, or not at all. A shared one is read where it is.
  const stays = rows.buffer instanceof SharedArrayBuffer || (mayMove && rowCount <= pieceRows)
  const pieces: ScoreTask[] = []
  for (let row = 0; row < rowCount; row += pieceRows) {
    const count = Math.min(pieceRows, rowCount - row)
    const piece = rows.subarray(row * width, (row + count) * width)
    pieces.push({ rows: stays ? piece : piece.slice(), rowCount: count, readings, batching })
  }
  return pieces
}

const ownBuffers = ({ rows: { buffer } }: ScoreTask): ArrayBuffer[] => (buffer instanceof ArrayBuffer ? [buffer] : [])

function joinPieces(
  pieces: readonly ScoreTask[],
  values: readonly Float64Array[],
  { rowCount, readings }: ScoreWork,
): Float64Array[] {
  const [only] = values
  if (values.length === 1) return readings.map((_, r) => only!.subarray(r * rowCount, (r + 1) * rowCount))
  return readings.map((_, r) => {
    const joined = new Float64Array(rowCount)
    let row = 0
    pieces.forEach(({ rowCount: count }, p) => {
      joined.set(values[p]!.subarray(r * count, (r + 1) * count), row)
      row += count
    })
    return joined
  })
}
