/** What one method did with one budget, over decisions and seeds. */
export interface SampledPoint {
  readonly method: string
  /** Model rows of a decision, its own included; median. */
  readonly rows: number
  /** |φ̂ − φ|² / |φ|², one per decision and seed. */
  readonly errors: readonly number[]
  /** Mean of |A ∩ B| / 4 over the four most adverse. */
  readonly topAgreement: number
  /** Processor time of a decision, all threads together; median. */
  readonly milliseconds: number
  /** Share of the true contributions inside their 95 % intervals; undefined where there are none. */
  readonly coverage: number | undefined
}

export function relativeError(values: ArrayLike<number>, truth: Float64Array): number {
  let [error, size] = [0, 0]
  for (let i = 0; i < truth.length; i++) {
    error += (values[i]! - truth[i]!) ** 2
    size += truth[i]! ** 2
  }
  return error / size
}

/** Raising the score is adverse. */
export function topAgreement(values: ArrayLike<number>, truth: Float64Array): number {
  const theirs = topFour(truth)
  return topFour(values).filter((i) => theirs.includes(i)).length / theirs.length
}

function topFour(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, i) => i)
    .sort((a, b) => values[b]! - values[a]!)
    .slice(0, 4)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Linear between order statistics. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = Math.floor(at)
  return sorted[low]! + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!)
}

/** What a method needs for a median error; `bound` when that lies outside its budgets. */
export interface Need {
  readonly amount: number
  readonly bound: 'at most' | 'more than' | undefined
}

/** Between the budgets on either side of the error, linear in logarithms. `points` by budget, ascending. */
export function needFor(
  points: readonly SampledPoint[],
  error: number,
  amountOf: (point: SampledPoint) => number,
): Need {
  const medians = points.map(({ errors }) => quantile(errors, 0.5))
  const at = medians.findIndex((median) => median <= error)
  if (at === 0) return { amount: amountOf(points[0]!), bound: 'at most' }
  if (at < 0) return { amount: amountOf(points.at(-1)!), bound: 'more than' }
  const [before, after] = [points[at - 1]!, points[at]!]
  const share = Math.log(medians[at - 1]! / error) / Math.log(medians[at - 1]! / medians[at]!)
  return { amount: amountOf(before) * (amountOf(after) / amountOf(before)) ** share, bound: undefined }
}
