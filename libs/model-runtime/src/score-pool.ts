import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { ModelError } from './model-error.ts'
import type { ScoreTask, SessionPlan } from './score-worker.ts'

/** Sessions of onnxruntime for one model, one per worker thread. */
export interface ScorePool {
  /** Every column of the output for every row (row-major float32), row-major. Throws MODEL_SCORING_FAILED. */
  run(rows: Float32Array, rowCount: number): Promise<Float64Array>
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
  const runPiece = (rows: Float32Array, rowCount: number): Promise<Float64Array> =>
    pool.run({ rows, rowCount }, { transferList: [rows.buffer as ArrayBuffer] })

  return {
    async run(rows, rowCount) {
      const pieceRows = Math.max(1, Math.ceil(rowCount / workers))
      const pieces: Promise<Float64Array>[] = []
      for (let row = 0; row < rowCount; row += pieceRows) {
        const count = Math.min(pieceRows, rowCount - row)
        // A copy, because its buffer moves to the worker.
        pieces.push(runPiece(rows.slice(row * plan.featureCount, (row + count) * plan.featureCount), count))
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
