import { createHash } from 'node:crypto'
import type { Bundle } from '@raison/bundle'
import { createRandom } from '@raison/numerics'
import { drawRows } from './draw-rows.ts'
import { ExplainError } from './explain-error.ts'

/** The rows a decision is compared with. */
export interface Reference {
  readonly population: string
  /** Row-major float32 in bundle order, NaN where missing. */
  readonly rows: Float32Array
  readonly rowCount: number
  /** Per feature, over the rows that have a value; NaN when none has. */
  readonly means: Float64Array
  /** Hex, of the feature names and the rows. */
  readonly sha256: string
}

/** A draw is part of the model's documentation: it must never change between two readings of a bundle. */
const drawSeed = 20_261_101

/** The bundle's reference rows, chosen by its population. `scores`: one per row of the file; unused for population `all`. */
export function selectReference(bundle: Bundle, scores: Float64Array): Reference {
  const { population, size, rows } = bundle.reference
  const eligible = eligibleRows(bundle, scores)
  if (eligible.length === 0) throw noRows(bundle, scores)
  const chosen =
    population === 'just-above-cutoff'
      ? nearestCutoff(eligible, scores, bundle.decision.cutoff, size)
      : drawInFileOrder(eligible, size)

  const width = bundle.features.length
  const values = new Float32Array(chosen.length * width)
  chosen.forEach((row, k) => values.set(rows.values.subarray(row * width, (row + 1) * width), k * width))
  return {
    population,
    rows: values,
    rowCount: chosen.length,
    means: columnMeans(values, width),
    sha256: hashRows(bundle, values),
  }
}

/** Scores on the adverse side of the cutoff, the cutoff included, are declined. */
export function isAdverse(score: number, decision: Bundle['decision']): boolean {
  return decision.adverse === 'high' ? score >= decision.cutoff : score <= decision.cutoff
}

function eligibleRows(bundle: Bundle, scores: Float64Array): number[] {
  const all = Array.from({ length: bundle.reference.rows.rowCount }, (_, row) => row)
  return bundle.reference.population === 'all' ? all : all.filter((row) => !isAdverse(scores[row]!, bundle.decision))
}

function drawInFileOrder(rows: number[], size: number): number[] {
  if (rows.length <= size) return rows
  const drawn = drawRows(rows, size, createRandom(drawSeed))
  return drawn.slice(0, size).sort((a, b) => a - b)
}

function nearestCutoff(rows: number[], scores: Float64Array, cutoff: number, size: number): number[] {
  const distance = (row: number): number => Math.abs(scores[row]! - cutoff)
  return rows
    .slice()
    .sort((a, b) => distance(a) - distance(b) || a - b)
    .slice(0, size)
}

function columnMeans(values: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width)
  const counts = new Float64Array(width)
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k]!)) continue
    sums[k % width]! += values[k]!
    counts[k % width]! += 1
  }
  return sums.map((sum, i) => sum / counts[i]!)
}

function hashRows(bundle: Bundle, values: Float32Array): string {
  return createHash('sha256')
    .update(JSON.stringify(bundle.features.map((feature) => feature.name)))
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
}

function noRows({ reference, decision }: Bundle, scores: Float64Array): ExplainError {
  const lowest = scores.reduce((low, score) => Math.min(low, score), Infinity)
  const highest = scores.reduce((high, score) => Math.max(high, score), -Infinity)
  const nearest = scores.length === 0 ? 'the file is empty' : `its scores run from ${lowest} to ${highest}`
  return new ExplainError(
    'BUNDLE_REFERENCE_EMPTY',
    `${reference.file}: no row belongs to the population ${reference.population} at the cutoff ${decision.cutoff} (${nearest}): add approved applicants, mend the cutoff, or use population: all`,
  )
}
