import { risenBy, sides, type Baseline } from '../baseline/baseline.ts'
import { binCount, binnedCount, watchedCount } from '../statistics/scale.ts'
import { firstOfIndicators, type Window } from '../window/window.ts'

/** Stakes γ, log-spaced in [.01, .9]: a bet multiplies its evidence by 1 + (γ/bound)·(y − bound) for each y = `risenBy`. */
export const stakes: readonly number[] = Array.from(
  { length: 6 },
  (_, k) => 10 ** (-2 + (k * (Math.log10(0.9) + 2)) / 5),
)

/** Bets on one statistic of one feature: upward by stake, then downward by stake. */
export const betsEach: number = sides.length * stakes.length

/**
 * What each explanation adds to the logarithm of each bet: `[statistic and feature][bin][bet]`, then for those without bins
 * `[statistic and feature][not so, so][bet]`. Every bin counts as its least favourable edge, so that rounding never gains.
 */
export function tabulateGains({ scale, bounds, constant }: Baseline): Float64Array {
  const [binned, watched] = [binnedCount(scale), watchedCount(scale)]
  const gains = new Float64Array((binned * binCount + (watched - binned) * 2) * betsEach)
  let at = 0
  const tabulate = (j: number, rises: readonly [up: number, down: number]): void =>
    rises.forEach((y, s) => {
      const bound = bounds[2 * j + s]!
      for (const stake of stakes) gains[at++] = Math.log1p((stake / bound) * (y - bound))
    })
  for (let j = 0; j < binned; j++)
    for (let bin = 0; bin < binCount; bin++) {
      const still = constant[j] === 1
      tabulate(j, [risenBy(bin / binCount, 'up', still), risenBy((bin + 1) / binCount, 'down', still)])
    }
  for (let j = binned; j < watched; j++) for (const so of [0, 1]) tabulate(j, [so, 1 - so])
  return gains
}

/** S = Σ_bins count·gain of every bet on one window, `[statistic and feature][bet]`, always added in the same order. */
export function gainsOf(window: Window, table: Float64Array): Float64Array {
  const { scale, counts, explanations } = window
  const [binned, watched] = [binnedCount(scale), watchedCount(scale)]
  const sums = new Float64Array(watched * betsEach)
  for (let j = 0; j < binned; j++)
    for (let bin = 0; bin < binCount; bin++) {
      const count = counts[j * binCount + bin]!
      if (count === 0) continue
      const from = (j * binCount + bin) * betsEach
      for (let k = 0; k < betsEach; k++) sums[j * betsEach + k]! += count * table[from + k]!
    }
  const first = firstOfIndicators(scale)
  for (let j = binned; j < watched; j++) {
    const times = counts[first + j - binned]!
    const from = (binned * binCount + (j - binned) * 2) * betsEach
    for (let k = 0; k < betsEach; k++)
      sums[j * betsEach + k] = (explanations - times) * table[from + k]! + times * table[from + betsEach + k]!
  }
  return sums
}
