import { SurrogateError } from './surrogate-error.ts'

/**
 * How rows become the inputs of a cosine network. With Z the standardised value, the inputs u are asinh(2Z)/1.4434 of every
 * feature, then its mid-rank scaled to ±1.7, then Z clipped to ±4, then a 0/1 input "is missing" of some features. Every
 * input is finite whatever the row holds.
 */
export interface CosineBasis {
  readonly featureCount: number
  readonly inputCount: number
  readonly means: Float64Array
  /** 1 / standard deviation; 0 for a feature that never varied, which then has no influence. */
  readonly inverseScales: Float64Array
  /** What stands for a missing value. */
  readonly medians: Float32Array
  /** Input "is missing" of each feature, or −1. */
  readonly missingInputs: Int32Array
  /** Knots of feature f are knotStarts[f] … knotStarts[f + 1] − 1, ascending; ranks are what each maps to. */
  readonly knotStarts: Int32Array
  readonly knots: Float32Array
  readonly ranks: Float32Array
}

const quantileCount = 65
const rankRange = 1.7
/** A value this many standard deviations away is as far as any other: an infinite one stays finite. */
const farthest = 1e6

/**
 * Learns the inputs from rows (row-major, NaN where missing): the training rows and the reference rows together. A feature
 * gets an input "is missing" when a value is missing there or `acceptsMissing` says one may be.
 */
export function fitCosineBasis(
  rows: Float32Array,
  rowCount: number,
  featureCount: number,
  acceptsMissing?: readonly boolean[],
): CosineBasis {
  if (rowCount < 1) throw new SurrogateError('TOO_FEW_ROWS', 'a basis is learnt from at least one row, got none')
  const columns = Array.from({ length: featureCount }, (_, f) => describeColumn(rows, rowCount, featureCount, f))
  const missingInputs = new Int32Array(featureCount).fill(-1)
  let inputCount = 3 * featureCount
  columns.forEach(({ hasMissing }, f) => {
    if (hasMissing || acceptsMissing?.[f] === true) missingInputs[f] = inputCount++
  })
  const knotStarts = new Int32Array(featureCount + 1)
  columns.forEach(({ knots }, f) => (knotStarts[f + 1] = knotStarts[f]! + knots.length))
  return {
    featureCount,
    inputCount,
    means: Float64Array.from(columns, ({ mean }) => mean),
    inverseScales: Float64Array.from(columns, ({ inverseScale }) => inverseScale),
    medians: Float32Array.from(columns, ({ median }) => median),
    missingInputs,
    knotStarts,
    knots: Float32Array.from(columns.flatMap(({ knots }) => knots)),
    ranks: Float32Array.from(columns.flatMap(({ ranks }) => ranks)),
  }
}

interface Column {
  readonly mean: number
  readonly inverseScale: number
  readonly median: number
  readonly hasMissing: boolean
  readonly knots: readonly number[]
  readonly ranks: readonly number[]
}

/** A missing value counts as the median. */
function describeColumn(rows: Float32Array, rowCount: number, featureCount: number, feature: number): Column {
  const all = Float32Array.from({ length: rowCount }, (_, r) => rows[r * featureCount + feature]!)
  const present = all.filter(Number.isFinite).sort()
  const median = present.length === 0 ? 0 : Math.fround(quantile(present, 0.5))
  const hasMissing = all.some(Number.isNaN)
  const values = all.map((value) => (Number.isFinite(value) ? value : median)).sort()
  const mean = values.reduce((sum, value) => sum + value, 0) / rowCount
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rowCount
  const varies = values[0]! < values[rowCount - 1]!
  const knots = distinctQuantiles(values)
  const ranks = knots.map((knot) => ((below(values, knot) + upTo(values, knot)) / rowCount - 1) * rankRange)
  return { mean, inverseScale: varies ? 1 / Math.sqrt(variance) : 0, median, hasMissing, knots, ranks }
}

function distinctQuantiles(sorted: Float32Array): number[] {
  const quantiles = Array.from({ length: quantileCount }, (_, i) =>
    Math.fround(quantile(sorted, i / (quantileCount - 1))),
  )
  return quantiles.filter((value, i) => i === 0 || value > quantiles[i - 1]!)
}

function quantile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)]!
  return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place))
}

/** How many values lie below `limit`. */
function below(sorted: Float32Array, limit: number): number {
  return firstWhere(sorted, 0, sorted.length, (value) => value >= limit)
}

function upTo(sorted: Float32Array, limit: number): number {
  return firstWhere(sorted, 0, sorted.length, (value) => value > limit)
}

/** First place from `low` whose value passes `test`, when all after it do; `high` when none does. */
function firstWhere(sorted: Float32Array, low: number, high: number, test: (value: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if (test(sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Where a row's numbers stand: inputs u, zeros up to a multiple of 4, Z of every feature, a 1, zeros up to a multiple of 4. */
export interface InputLayout {
  /** Inputs u with their padding: where Z begins. */
  readonly waveInputs: number
  readonly stride: number
}

export function layoutOf({ inputCount, featureCount }: CosineBasis): InputLayout {
  const waveInputs = Math.ceil(inputCount / 4) * 4
  return { waveInputs, stride: waveInputs + Math.ceil((featureCount + 1) / 4) * 4 }
}

/** Writes the numbers of `rowCount` rows to `out`, `layoutOf(basis).stride` a row; the padding must be zero already. */
export function writeInputs(basis: CosineBasis, rows: Float32Array, rowCount: number, out: Float32Array): void {
  const { featureCount: n } = basis
  const { waveInputs, stride } = layoutOf(basis)
  for (let row = 0; row < rowCount; row++) {
    const start = row * stride
    for (let f = 0; f < n; f++) {
      const raw = rows[row * n + f]!
      const isMissing = Number.isNaN(raw)
      const value = isMissing ? basis.medians[f]! : raw
      const z = standardise(basis, value, f)
      out[start + f] = Math.asinh(2 * z) / 1.4434
      out[start + n + f] = rankOf(basis, value, f)
      out[start + 2 * n + f] = Math.min(Math.max(z, -4), 4)
      const missingInput = basis.missingInputs[f]!
      if (missingInput >= 0) out[start + missingInput] = isMissing ? 1 : 0
      out[start + waveInputs + f] = z
    }
    out[start + waveInputs + n] = 1
  }
}

function standardise({ means, inverseScales }: CosineBasis, value: number, feature: number): number {
  if (inverseScales[feature] === 0) return 0
  return Math.min(Math.max((value - means[feature]!) * inverseScales[feature]!, -farthest), farthest)
}

function rankOf({ knotStarts, knots, ranks }: CosineBasis, value: number, feature: number): number {
  const first = knotStarts[feature]!
  let low = first
  let high = knotStarts[feature + 1]!
  while (low < high) {
    const middle = (low + high) >> 1
    if (knots[middle]! > value) high = middle
    else low = middle + 1
  }
  if (low === first) return ranks[first]!
  if (low === knotStarts[feature + 1]) return ranks[low - 1]!
  const share = (value - knots[low - 1]!) / (knots[low]! - knots[low - 1]!)
  return ranks[low - 1]! + (ranks[low]! - ranks[low - 1]!) * share
}
