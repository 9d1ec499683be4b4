import { workerData } from 'node:worker_threads'
import './no-telemetry.ts'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { move } from 'piscina'
import { callNatively } from './native-calls.ts'
import type { Sum } from './read-out.ts'

/** What a worker needs to open its own sessions; the same for all workers of a pool. */
export interface SessionPlan {
  readonly input: string
  readonly inputType: 'float32' | 'float64'
  readonly featureCount: number
  /** ONNX files over the same input. A session is opened when it is first read. */
  readonly models: readonly Uint8Array[]
}

/** A number per row that a model of the plan shows. */
export interface Reading extends Sum {
  readonly model: number
  readonly tensor: string
}

/** How rows are put into runs: at most `most` rows in one, filled up with zeros to a multiple of `step`. */
export interface Batching {
  readonly step: number
  readonly most: number
}

export interface ScoreTask {
  /** Row-major, `featureCount` wide. */
  readonly rows: Float32Array
  readonly rowCount: number
  readonly readings: readonly Reading[]
  readonly batching: Batching
}

const onnxruntime = await callNatively(() => import('onnxruntime-node'))
const plan = workerData as SessionPlan
const sessions: Promise<InferenceSession>[] = []
let input = newInput(0)

/** The values of every reading, one reading after the other: a Float64Array, moved to the caller. */
export default async function score({ rows, rowCount, readings, batching }: ScoreTask): Promise<unknown> {
  const values = new Float64Array(readings.length * rowCount)
  for (let row = 0; row < rowCount; row += batching.most) {
    const count = Math.min(batching.most, rowCount - row)
    const batch = fillBatch(rows.subarray(row * plan.featureCount, (row + count) * plan.featureCount), batching)
    const shown = await show(batch, readings)
    readings.forEach((reading, r) => readInto(values, r * rowCount + row, count, reading, shown[r]!))
  }
  return move(values)
}

/** Number of columns of each tensor of the first model. */
export async function countColumns({ tensors, step }: { tensors: string[]; step: number }): Promise<number[]> {
  const batch = fillBatch(new Float32Array(plan.featureCount), { step, most: step })
  const shown = await show(
    batch,
    tensors.map((tensor) => ({ model: 0, tensor })),
  )
  return shown.map(({ columnCount }) => columnCount)
}

/** The rows at the start of one buffer used again and again, zeros behind them. */
function fillBatch(rows: Float32Array, { step }: Batching): Tensor {
  const runRows = Math.ceil(rows.length / plan.featureCount / step) * step
  const length = runRows * plan.featureCount
  if (input.length < length) input = newInput(length)
  input.set(rows)
  input.fill(0, rows.length, length)
  return new onnxruntime.Tensor(plan.inputType, input.subarray(0, length), [runRows, plan.featureCount])
}

function newInput(length: number): Float32Array | Float64Array {
  return plan.inputType === 'float64' ? new Float64Array(length) : new Float32Array(length)
}

interface Shown {
  readonly values: Float32Array | Float64Array
  readonly columnCount: number
}

/** What each reading reads, from one run of each model. */
async function show(batch: Tensor, readings: readonly Pick<Reading, 'model' | 'tensor'>[]): Promise<Shown[]> {
  const tensors = new Map<string, Tensor>()
  for (const model of new Set(readings.map((reading) => reading.model))) {
    const names = readings.flatMap((reading) => (reading.model === model ? [reading.tensor] : []))
    const session = await openSession(model)
    const outputs = await callNatively(() => session.run({ [plan.input]: batch }, [...new Set(names)]))
    for (const name of names) tensors.set(name, outputs[name]!)
  }
  return readings.map(({ tensor }) => {
    const values = tensors.get(tensor)!.data
    if (!(values instanceof Float32Array || values instanceof Float64Array))
      throw new TypeError(`output "${tensor}" holds no floats`)
    return { values, columnCount: values.length / batch.dims[0]! }
  })
}

/** One thread each: parallel work comes from the pool, and sums keep one order. Errors are thrown, so none is printed. */
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const

/** Not at start-up, so that a file that onnxruntime refuses fails a task, which has somebody waiting for it. */
const openSession = (model: number): Promise<InferenceSession> =>
  (sessions[model] ??= callNatively(() => onnxruntime.InferenceSession.create(plan.models[model]!, sessionOptions)))

function readInto(out: Float64Array, at: number, count: number, { terms, offset }: Sum, shown: Shown): void {
  const { values, columnCount } = shown
  out.fill(offset, at, at + count)
  for (const { column, factor } of terms) {
    const first = column < 0 ? column + columnCount : column
    for (let row = 0; row < count; row++) out[at + row]! += factor * values[row * columnCount + first]!
  }
}
