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
  /** The graph takes batches of exactly `batchRows`. */
  readonly isBatchFixed: boolean
}

export interface ScoreTask {
  /** Row-major, `featureCount` wide; at least one row. */
  readonly rows: Float32Array
  readonly rowCount: number
  /** Another model and output over the same input, opened for this task alone. */
  readonly instead: ModelVariant | undefined
}

export type ModelVariant = Pick<SessionPlan, 'bytes' | 'output'>

const plan = workerData as SessionPlan
let session: Promise<InferenceSession> | undefined

/** Every column of the output for every row, row-major: a Float64Array, moved to the caller. */
export default async function score(task: ScoreTask): Promise<unknown> {
  // Not at start-up, so that a file that onnxruntime refuses fails a task, which has somebody waiting for it.
  if (task.instead === undefined) return move(await scoreRows(await (session ??= openSession(plan.bytes)), task))
  const variant = await openSession(task.instead.bytes)
  try {
    return move(await scoreRows(variant, task))
  } finally {
    await variant.release()
  }
}

async function scoreRows(session: InferenceSession, { rows, rowCount, instead }: ScoreTask): Promise<Float64Array> {
  const output = (instead ?? plan).output
  let scores: Float64Array | undefined
  for (let row = 0; row < rowCount; row += plan.batchRows) {
    const count = Math.min(plan.batchRows, rowCount - row)
    const batch = rows.subarray(row * plan.featureCount, (row + count) * plan.featureCount)
    const values = await runBatch(session, batch, output)
    const columns = values.length / rowsToRun(count)
    scores ??= new Float64Array(rowCount * columns)
    scores.set(values.subarray(0, count * columns), row * columns)
  }
  return scores!
}

const openSession = (bytes: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(bytes, {
    // One thread each: parallel work comes from the pool, and sums keep one order. Errors are thrown, so none is printed.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  })

async function runBatch(
  session: InferenceSession,
  rows: Float32Array,
  output: string,
): Promise<Float32Array | Float64Array> {
  const count = rowsToRun(rows.length / plan.featureCount)
  const input = new Tensor(plan.inputType, inputValues(rows, count * plan.featureCount), [count, plan.featureCount])
  // Only the one output: a ZipMap beside it would cost more than the model.
  const { data } = (await session.run({ [plan.input]: input }, [output]))[output]!
  if (data instanceof Float32Array || data instanceof Float64Array) return data
  throw new TypeError(`output "${output}" holds no floats`)
}

/**
 * Batches are filled up with zeros to what the graph takes, and to two rows: onnxruntime multiplies a lone row in another
 * order of summation, and a score must not depend on the company a row has.
 */
const rowsToRun = (count: number): number => (plan.isBatchFixed ? plan.batchRows : Math.max(2, count))

function inputValues(rows: Float32Array, length: number): Float32Array | Float64Array {
  if (plan.inputType === 'float32' && rows.length === length) return rows
  const values = plan.inputType === 'float32' ? new Float32Array(length) : new Float64Array(length)
  values.set(rows)
  return values
}
