import { workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { move } from 'piscina'

/** What a worker needs to open its own session; the same for all workers of a pool. */
export interface SessionPlan {
  readonly bytes: Uint8Array
  readonly input: string
  readonly inputType: 'float32' | 'float64'
  readonly output: string
  readonly featureCount: number
  readonly batchRows: number
  /** The graph takes batches of exactly `batchRows`: the last one is filled up with zeros. */
  readonly isBatchFixed: boolean
}

export interface ScoreTask {
  /** Row-major, `featureCount` wide; at least one row. */
  readonly rows: Float32Array
  readonly rowCount: number
}

const plan = workerData as SessionPlan
let session: Promise<InferenceSession> | undefined

/** Every column of the output for every row, row-major: a Float64Array, moved to the caller. */
export default async function score(task: ScoreTask): Promise<unknown> {
  // Not at start-up, so that a file that onnxruntime refuses fails a task, which has somebody waiting for it.
  const opened = await (session ??= openSession())
  let scores: Float64Array | undefined
  for (let row = 0; row < task.rowCount; row += plan.batchRows) {
    const count = Math.min(plan.batchRows, task.rowCount - row)
    const values = await runBatch(
      opened,
      task.rows.subarray(row * plan.featureCount, (row + count) * plan.featureCount),
    )
    const columns = values.length / (plan.isBatchFixed ? plan.batchRows : count)
    scores ??= new Float64Array(task.rowCount * columns)
    scores.set(values.subarray(0, count * columns), row * columns)
  }
  return move(scores!)
}

const openSession = (): Promise<InferenceSession> =>
  InferenceSession.create(plan.bytes, {
    // One thread each: parallel work comes from the pool, and sums keep one order. Errors are thrown, so none is printed.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  })

async function runBatch(session: InferenceSession, rows: Float32Array): Promise<Float32Array | Float64Array> {
  const count = plan.isBatchFixed ? plan.batchRows : rows.length / plan.featureCount
  const input = new Tensor(plan.inputType, inputValues(rows, count * plan.featureCount), [count, plan.featureCount])
  // Only the one output: a ZipMap beside it would cost more than the model.
  const { data } = (await session.run({ [plan.input]: input }, [plan.output]))[plan.output]!
  if (data instanceof Float32Array || data instanceof Float64Array) return data
  throw new TypeError(`output "${plan.output}" holds no floats`)
}

function inputValues(rows: Float32Array, length: number): Float32Array | Float64Array {
  if (plan.inputType === 'float32' && rows.length === length) return rows
  const values = plan.inputType === 'float32' ? new Float32Array(length) : new Float64Array(length)
  values.set(rows)
  return values
}
