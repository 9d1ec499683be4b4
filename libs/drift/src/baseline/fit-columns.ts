import { DriftError } from '../drift-error.ts'
import type { Landmarks } from '../statistics/landmarks.ts'
import { watchedCount } from '../statistics/scale.ts'
import { resolutionFor } from '../statistics/sketch.ts'
import type { Adverse } from '../statistics/statistics.ts'
import { histogram, openWindow, update } from '../window/window.ts'
import { highestMean, highestRate, type Moments } from './highest-mean.ts'
import { enoughExplanations, rangeAround, risenBy, sides, type Baseline, type Direction } from './baseline.ts'

/** Chance that some bound of the baselines fitted together does not hold. */
const beta = 0.01
const tails = { low: 0.001, high: 0.999 }
/** A range narrower than this is a point. */
const leastRange = 1e-9
/** Within these a bet multiplies its evidence by a finite factor above 0, whatever it meets. */
const [leastBound, mostBound] = [1e-4, 1 - 1e-6]

/** A change of how often something is so that is too little to matter: 5 % of it, and no less than this. */
const leastTolerance = 0.01

interface Fit {
  readonly features: readonly string[]
  readonly adverse: Adverse | undefined
  readonly landmarks: Landmarks
  /** As `update` takes them. */
  readonly rows: Float64Array
  /** The largest contribution or value, without its sign. */
  readonly largest: number
  readonly slices: number
  readonly besides: number
}

/**
 * Bounds: the highest means that the reference leaves possible, widened by the tolerances. `columns`: per statistic with bins
 * and feature the values of all rows, sorted, which also makes their sums independent of the rows' order. Of the other
 * statistics it is enough to know how often they were so, and their bounds are exact.
 */
export function fitColumns(
  columns: readonly Float64Array[],
  tolerances: readonly number[],
  { features, adverse, landmarks, rows, largest, slices, besides }: Fit,
): Baseline {
  if (!(slices >= 1))
    throw new DriftError('DRIFT_OPTION_INVALID', `${slices} slices: count the baselines fitted together`)
  const binned = columns.length
  const watched = watchedCount({ features, adverse })
  const count = columns[0]!.length
  const low = new Float64Array(binned)
  const high = new Float64Array(binned)
  const bounds = new Float64Array(2 * watched)
  const constant = new Uint8Array(binned)
  const chance = beta / (sides.length * (watched * slices + besides))

  columns.forEach((column, j) => {
    const [a, b] = [quantile(column, tails.low), quantile(column, tails.high)]
    const still = b - a < leastRange
    constant[j] = still ? 1 : 0
    const [from, to] = still ? rangeAround(a) : [a, b]
    low[j] = from
    high[j] = to
    sides.forEach((side, s) => {
      const moments = momentsOf(column, side, low[j]!, high[j]!, still)
      const tolerance = tolerances[j]! / (still ? 1 : b - a)
      bounds[2 * j + s] = boundAt(highestMean(moments, count, chance) + tolerance)
    })
  })

  const reference = openWindow({ features, adverse, low, high, ...landmarks, resolution: resolutionFor(largest) })
  for (let row = 0; row < count; row++) update(reference, rows, row)
  for (let j = binned; j < watched; j++) {
    const times = histogram(reference, j)[1]!
    const tolerance = Math.max((0.05 * times) / count, leastTolerance)
    bounds[2 * j] = boundAt(highestRate(times, count, chance) + tolerance)
    bounds[2 * j + 1] = boundAt(highestRate(count - times, count, chance) + tolerance)
  }
  const warmingUp = reference.explanations < enoughExplanations
  return { scale: reference.scale, reference, bounds, constant, warmingUp }
}

function boundAt(mean: number): number {
  return Math.min(Math.max(mean, leastBound), mostBound)
}

/** By linear interpolation, as numpy does. */
function quantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const below = Math.floor(at)
  const value = sorted[below]!
  return value + (at - below) * ((sorted[below + 1] ?? value) - value)
}

function momentsOf(column: Float64Array, side: Direction, low: number, high: number, constant: boolean): Moments {
  const risen = column.map((value) => risenBy(Math.min(Math.max((value - low) / (high - low), 0), 1), side, constant))
  const mean = meanOf(risen)
  const squares = risen.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (risen.length - 1) }
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
