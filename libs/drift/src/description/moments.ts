import { DriftError } from '../drift-error.ts'
import { binCount, binnedCount, watchedCount } from '../statistics/scale.ts'
import { sketchValue, toSketch } from '../statistics/sketch.ts'
import { statisticsOf, type StatisticName } from '../statistics/statistics.ts'
import { histogram, type Window } from '../window/window.ts'

/** Undefined in an empty window. */
export interface Moments {
  readonly mean: number
  readonly variance: number
}

/**
 * Mean and variance of a statistic that the window counts, from the middles of its bins: clipped as it is counted, else within
 * half a bin; exact where something is so or not. Throws WINDOW_MISMATCH for a statistic of contributions where plain values were counted, and the other way round.
 */
export function momentsOf(window: Window, statistic: StatisticName, feature: number): Moments | undefined {
  const { scale, explanations } = window
  const s = statisticsOf(scale.adverse).indexOf(statistic)
  if (s < 0) {
    const counted = scale.adverse === undefined ? 'plain values' : 'contributions'
    throw new DriftError('WINDOW_MISMATCH', `a window of ${counted} has no ${statistic}: pass one that counted it`)
  }
  const j = s * scale.features.length + feature
  const counts = histogram(window, j)
  if (explanations === 0) return undefined
  if (j >= binnedCount(scale)) {
    const often = counts[1]! / explanations
    return { mean: often, variance: often * (1 - often) }
  }
  const [low, width] = [scale.low[j]!, (scale.high[j]! - scale.low[j]!) / binCount]
  const mean = low + (width * sumOver(counts, (bin) => bin + 0.5)) / explanations
  const variance = sumOver(counts, (bin) => (low + (bin + 0.5) * width - mean) ** 2) / explanations
  return { mean, variance }
}

/** Mean |c| of every feature, the usual global importance, within 2 %. Zeros in an empty window. */
export function meanAbsolute(window: Window): Float64Array {
  const { scale, explanations } = window
  return Float64Array.from(scale.features, (_, i) => {
    const counts = histogram(window, watchedCount(scale) + i)
    return sumOver(counts, (bin) => Math.abs(sketchValue(bin, scale.resolution))) / Math.max(explanations, 1)
  })
}

/** Quantiles of a feature's contribution, each within 2 %; undefined in an empty window. */
export function contributionQuantiles(
  window: Window,
  feature: number,
  levels: readonly number[],
): number[] | undefined {
  if (window.explanations === 0) return undefined
  const { scale } = window
  const sketch = toSketch(histogram(window, watchedCount(scale) + feature))
  return levels.map((level) => scale.resolution * sketch.getValueAtQuantile(level))
}

function sumOver(counts: Uint32Array, value: (bin: number) => number): number {
  let sum = 0
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin]! > 0) sum += counts[bin]! * value(bin)
  return sum
}
