import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { messageOf, ModelError } from './model-error.ts'
import type { ModelVariant, ScoreTask, SessionPlan } from './score-worker.ts'

/** Sessions of onnxruntime for one model, one per worker thread. */
export interface ScorePool {
  /**
   * Every column of the output for every row (row-major float32), row-major; of another variant of the model when one is
   * given. Throws MODEL_SCORING_FAILED.
   */
  run(rows: Float32Array, rowCount: number, instead?: ModelVariant): Promise<Float64Array>
  close(): Promise<void>
}

/** Sessions are opened with the first row; an idle pool does not keep the process alive. */
export function openScorePool(plan: SessionPlan, workers: number, fileName: string): ScorePool {
  const pool = new Piscina<ScoreTask, Float64Array>({
    filename: fileURLToPath(new URL('./score-worker.ts', import.meta.url)),
    minThreads: workers,
    maxThreads: workers,
    workerData: plan,
  })
  return {
    async run(rows, rowCount, instead) {
      const pieceRows = Math.max(1, Math.ceil(rowCount / workers))
      const pieces: Promise<Float64Array>[] = []
      for (let row = 0; row < rowCount; row += pieceRows) {
        const count = Math.min(pieceRows, rowCount - row)
        // A copy, because its buffer moves to the worker.
        const piece = rows.slice(row * plan.featureCount, (row + count) * plan.featureCount)
        pieces.push(pool.run({ rows: piece, rowCount: count, instead }, { transferList: [piece.buffer] }))
      }
      try {
        return joinPieces(await Promise.all(pieces))
      } catch (error) {
        throw new ModelError(
          'MODEL_SCORING_FAILED',
          `${fileName}: onnxruntime could not score ${rowCount} rows: ${messageOf(error)}`,
          error,
        )
      }
    },
    close: () => pool.destroy(),
  }
}

function joinPieces(pieces: readonly Float64Array[]): Float64Array {
  if (pieces.length === 1) return pieces[0]!
  const joined = new Float64Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
