import { risenBy, sides, type Baseline } from '../baseline/baseline.ts'
import { binCount, watchedCount } from '../statistics/scale.ts'
import { histogram, type Window } from '../window/window.ts'

/** Stakes γ, log-spaced in [.01, .9]: a bet multiplies its evidence by 1 + (γ/bound)·(y − bound) for each y = `risenBy`. */
export const stakes: readonly number[] = Array.from(
  { length: 6 },
  (_, k) => 10 ** (-2 + (k * (Math.log10(0.9) + 2)) / 5),
)

/** Bets on one statistic of one feature: upward by stake, then downward by stake. */
export const betsEach: number = sides.length * stakes.length

/**
 * What each explanation in a bin adds to the logarithm of each bet: `[statistic and feature][bin][bet]`. Every bin counts as
 * its least favourable edge, so that rounding never gains.
 */
export function tabulateGains({ bounds, constant }: Baseline): Float64Array {
  const gains = new Float64Array(constant.length * binCount * betsEach)
  let at = 0
  for (let j = 0; j < constant.length; j++)
    for (let bin = 0; bin < binCount; bin++)
      sides.forEach((side, s) => {
        const bound = bounds[2 * j + s]!
        const y = risenBy((side === 'up' ? bin : bin + 1) / binCount, side, constant[j] === 1)
        for (const stake of stakes) gains[at++] = Math.log1p((stake / bound) * (y - bound))
      })
  return gains
}

/** S = Σ_bins count·gain of every bet on one window, `[statistic and feature][bet]`, always added in the same order. */
export function gainsOf(window: Window, table: Float64Array): Float64Array {
  const watched = watchedCount(window.scale)
  const sums = new Float64Array(watched * betsEach)
  for (let j = 0; j < watched; j++) {
    const counts = histogram(window, j)
    for (let bin = 0; bin < binCount; bin++) {
      const count = counts[bin]!
      if (count === 0) continue
      const from = (j * binCount + bin) * betsEach
      for (let k = 0; k < betsEach; k++) sums[j * betsEach + k]! += count * table[from + k]!
    }
  }
  return sums
}
