import { createRandom, type Random } from '@raison/numerics'
import { fitBaseline } from './baseline/fit-baseline.ts'
import type { Baseline } from './baseline/baseline.ts'
import type { Scale } from './statistics/scale.ts'
import { rowWidth } from './statistics/statistics.ts'
import { openWindow, update, type Window } from './window/window.ts'

export const featureNames: readonly string[] = ['PAY_0', 'ÂGE', '限度額', 'LIMIT_BAL', 'SEX', 'constant']

/** Numbers in a row. */
export const width: number = 2 * featureNames.length

/**
 * `count` rows of explanations: each feature has a scale of its own and one of four values (missing, 0, 1 or 2, the last two as
 * often as both others), the last one never contributes. `factors` multiply what a feature contributes: that is the drift.
 */
export function randomRows(
  random: Random,
  count: number,
  factors: Readonly<Record<string, number>> = {},
): Float64Array {
  const n = featureNames.length
  return Float64Array.from({ length: count * width }, (_, at) => {
    const i = at % width
    if (i >= n) return [Number.NaN, 0, 1, 1, 2, 2][random.below(6)]!
    const contribution = i === n - 1 ? 0 : (random.normal() + 0.3) / (i + 1)
    return contribution * (factors[featureNames[i]!] ?? 1)
  })
}

/** Rows of these contributions, row-major, every value of every feature the same. */
export function withSameValues(contributions: Float64Array, featureCount: number = featureNames.length): Float64Array {
  return Float64Array.from({ length: 2 * contributions.length }, (_, at) => {
    const [row, i] = [Math.floor(at / (2 * featureCount)), at % (2 * featureCount)]
    return i < featureCount ? contributions[row * featureCount + i]! : 7
  })
}

export function randomBaseline(seed: number, rows = 3000): Baseline {
  return fitBaseline({ features: featureNames, adverse: 'high', rows: randomRows(createRandom(seed), rows) })
}

/** All the rows, unless `which` says others and in what order. */
export function windowOf(scale: Scale, rows: Float64Array, which?: readonly number[]): Window {
  const window = openWindow(scale)
  const every = Array.from({ length: rows.length / rowWidth(scale.features.length, scale.adverse) }, (_, row) => row)
  for (const row of which ?? every) update(window, rows, row)
  return window
}

/** What two windows that counted the same have in common. */
export function countedIn({ explanations, counts }: Window): { explanations: number; counts: string } {
  return { explanations, counts: counts.join() }
}
