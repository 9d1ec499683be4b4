import { readFileSync } from 'node:fs'
import { openModel } from '@raison/model-runtime'
import { prepareExact, type ExactExplainer, type ExactForm, type Players } from '@raison/shapley'

/** A model of the comparison; `files` is the path that its files begin with. */
export interface ComparedModel {
  readonly name: string
  readonly files: string
  readonly columns: number
}

export interface OurSide {
  readonly preparedIn: number
  /** Milliseconds per row, over as many calls of `batch` rows as fit into the time, at least one. */
  measure(batch: number, seconds: number): number
  /** Contributions of the first rows, row-major. */
  values(count: number): Float64Array
}

/** Raison on the model's ONNX file, every feature its own player, against the first `background` reference rows. */
export async function openOurSide(model: ComparedModel, background: number): Promise<OurSide> {
  const { columns } = model
  const rows = readFloats(`${model.files}.rows.f32`)
  const reference = readFloats(`${model.files}.background.f32`).subarray(0, background * columns)
  const form = await readForm(model)
  const start = performance.now()
  const explainer = prepareExact(form, { rows: reference, rowCount: background }, singlePlayers(columns))
  return {
    preparedIn: performance.now() - start,
    measure: (batch, seconds) => measure(explainer, rows, columns, batch, seconds),
    values(count) {
      const out = new Float64Array(count * columns)
      explainer.explainInto(rows.subarray(0, count * columns), count, out)
      return out
    },
  }
}

/** What `files`.onnx is explained exactly from. */
export async function readForm({ files, name, columns }: ComparedModel): Promise<ExactForm> {
  const model = await openModel({
    bytes: readFileSync(`${files}.onnx`),
    fileName: name,
    featureNames: Array.from({ length: columns }, (_, i) => `f${i}`),
    output: 'probabilities',
    column: undefined,
    space: 'log-odds',
  })
  await model.close()
  if (model.exact === undefined) throw new Error(`${name} has no exact route: ${model.whyNotExact}`)
  return model.exact.form
}

/** Every feature its own player. */
export function singlePlayers(count: number): Players {
  return { count, ofFeature: Int32Array.from({ length: count }, (_, i) => i) }
}

function measure(
  explainer: ExactExplainer,
  rows: Float32Array,
  columns: number,
  batch: number,
  seconds: number,
): number {
  const out = new Float64Array(batch * columns)
  const rowCount = rows.length / columns
  const start = performance.now()
  let calls = 0
  for (; performance.now() - start < 1000 * seconds; calls++) {
    const first = ((calls * batch) % rowCount) * columns
    explainer.explainInto(rows.subarray(first, first + batch * columns), batch, out)
  }
  return (performance.now() - start) / (calls * batch)
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
