import type { ExactForm } from '@raison/shapley'
import { evaluateTreesInto } from '@raison/trees'
import type { ExactRoute, Model, Space } from './model.ts'
import { ModelError } from './model-error.ts'
import type { Link } from './read-out.ts'

/** onnxruntime adds float32 numbers, the exact route float64 ones. */
const marginTolerance = 1e-4
const scoreTolerance = 1e-5

/**
 * Compares the exact route with onnxruntime on the rows: margins, and the scores that follow from them. Returns the
 * largest difference of margins, in log-odds absolute (up to margins of 100), in other spaces in units of the largest
 * margin above 1. Zero without an exact route. Throws MODEL_PARSE_MISMATCH.
 */
export async function checkParse(model: Model, space: Space, rows: Float32Array, rowCount: number): Promise<number> {
  if (model.exact === undefined || model.sampled === undefined) return 0
  const margins = evaluateExact(model.exact, rows, rowCount)
  const runtimeMargins = await model.sampled.outputs(rows.slice(), rowCount)
  const units = unitsOf(runtimeMargins, space)
  const difference = largestDifference(margins, runtimeMargins, units)
  if (difference > marginTolerance) throw mismatch('margin', difference, space, rowCount)

  const scores = applyLink(margins, model.exact.link)
  const scoreDifference = scores ? largestDifference(scores, await model.score(rows, rowCount), units) : 0
  const allowed = model.exact.link === 'logistic' ? scoreTolerance : marginTolerance
  if (scoreDifference > allowed) throw mismatch('score', scoreDifference, space, rowCount)
  return difference
}

/** What counts as a difference of one: sums of float32 numbers are the less exact the larger they are. */
function unitsOf(margins: Float64Array, space: Space): Float64Array {
  const sizes = margins.map((margin) => (Number.isFinite(margin) ? Math.abs(margin) : 0))
  if (space === 'log-odds') return sizes.map((size) => Math.max(1, size / 100))
  return sizes.fill(sizes.reduce((largest, size) => Math.max(largest, size), 1))
}

function evaluateExact({ form, transform }: ExactRoute, rows: Float32Array, rowCount: number): Float64Array {
  const transformed = rows.slice()
  transform?.(transformed, rowCount)
  const out = new Float64Array(rowCount)
  if (form.kind === 'trees') evaluateTreesInto(form.ensemble, transformed, rowCount, out)
  else evaluateLinearInto(form, transformed, out)
  return out
}

function evaluateLinearInto(form: ExactForm & { kind: 'linear' }, rows: Float32Array, out: Float64Array): void {
  const { coefficients, intercept } = form
  for (let row = 0; row < out.length; row++) {
    out[row] = intercept
    for (let i = 0; i < coefficients.length; i++) out[row]! += coefficients[i]! * rows[row * coefficients.length + i]!
  }
}

function applyLink(margins: Float64Array, link: Link): Float64Array | undefined {
  if (link === 'softmax') return undefined
  return link === 'identity' ? margins : margins.map((margin) => 1 / (1 + Math.exp(-margin)))
}

/** Two numbers beyond all bounds agree (a row of infinities); a finite number never agrees with one of them. */
function largestDifference(a: Float64Array, b: Float64Array, units: Float64Array): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    if (!Number.isFinite(a[i]) && !Number.isFinite(b[i])) continue
    const difference = Math.abs(a[i]! - b[i]!) / units[i]!
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference)
  }
  return largest
}

const mismatch = (what: string, difference: number, space: Space, rowCount: number): ModelError =>
  new ModelError(
    'MODEL_PARSE_MISMATCH',
    `the parsed model differs from onnxruntime by ${difference.toPrecision(3)} (${what}, explain: ${space}, ` +
      `${rowCount} rows); please report the exporter and its version`,
  )
