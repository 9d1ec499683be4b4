import { DriftError } from '../drift-error.ts'
import { resolutionFor } from '../statistics/sketch.ts'
import type { Adverse } from '../statistics/statistics.ts'
import { openWindow, update } from '../window/window.ts'
import { enoughExplanations, rangeAround, risenBy, sides, type Baseline, type Direction } from './baseline.ts'

/** Chance that some bound of the baselines fitted together does not hold. */
const beta = 0.01
const tails = { low: 0.001, high: 0.999 }
/** A range narrower than this is a point. */
const leastRange = 1e-9
/** Within these a bet multiplies its evidence by a finite factor above 0, whatever it meets. */
const [leastBound, mostBound] = [1e-4, 1 - 1e-6]

interface Fit {
  readonly features: readonly string[]
  readonly adverse: Adverse | undefined
  readonly usual: Float64Array
  /** As `update` takes them. */
  readonly rows: Float64Array
  /** The largest contribution or value, without its sign. */
  readonly largest: number
  readonly slices: number
}

/**
 * Bounds by the empirical Bernstein inequality (Maurer & Pontil 2009) around the means, widened by the tolerances.
 * `columns`: per statistic and feature the values of all rows, sorted, which also makes their sums independent of the rows' order.
 */
export function fitColumns(
  columns: readonly Float64Array[],
  tolerances: readonly number[],
  { features, adverse, usual, rows, largest, slices }: Fit,
): Baseline {
  if (!(slices >= 1))
    throw new DriftError('DRIFT_OPTION_INVALID', `${slices} slices: count the baselines fitted together`)
  const watched = columns.length
  const low = new Float64Array(watched)
  const high = new Float64Array(watched)
  const bounds = new Float64Array(2 * watched)
  const constant = new Uint8Array(watched)
  const logTerm = Math.log((4 * watched * slices) / beta)

  columns.forEach((column, j) => {
    const count = column.length
    const [a, b] = [quantile(column, tails.low), quantile(column, tails.high)]
    const still = b - a < leastRange
    constant[j] = still ? 1 : 0
    const [from, to] = still ? rangeAround(a) : [a, b]
    low[j] = from
    high[j] = to
    sides.forEach((side, s) => {
      const { mean, variance } = momentsOf(column, side, low[j]!, high[j]!, still)
      const radius = Math.sqrt((2 * variance * logTerm) / count) + (7 * logTerm) / (3 * (count - 1))
      const bound = mean + tolerances[j]! / (still ? 1 : b - a) + radius
      bounds[2 * j + s] = Math.min(Math.max(bound, leastBound), mostBound)
    })
  })

  const reference = openWindow({ features, adverse, low, high, usual, resolution: resolutionFor(largest) })
  for (let row = 0; row < columns[0]!.length; row++) update(reference, rows, row)
  const warmingUp = reference.explanations < enoughExplanations
  return { scale: reference.scale, reference, bounds, constant, warmingUp }
}

/** By linear interpolation, as numpy does. */
function quantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const below = Math.floor(at)
  const value = sorted[below]!
  return value + (at - below) * ((sorted[below + 1] ?? value) - value)
}

function momentsOf(
  column: Float64Array,
  side: Direction,
  low: number,
  high: number,
  constant: boolean,
): { readonly mean: number; readonly variance: number } {
  const risen = column.map((value) => risenBy(Math.min(Math.max((value - low) / (high - low), 0), 1), side, constant))
  const mean = meanOf(risen)
  const squares = risen.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (risen.length - 1) }
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
