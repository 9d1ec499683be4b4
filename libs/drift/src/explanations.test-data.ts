import { createRandom, type Random } from '@raison/numerics'
import { fitBaseline } from './baseline/fit-baseline.ts'
import type { Baseline } from './baseline/baseline.ts'
import type { Scale } from './statistics/scale.ts'
import { openWindow, update, type Window } from './window/window.ts'

export const featureNames: readonly string[] = ['PAY_0', 'ÂGE', '限度額', 'LIMIT_BAL', 'SEX', 'constant']

/**
 * Contributions of `rows` explanations, row-major: each feature has a scale of its own, the last never contributes.
 * `factors` multiply what a feature contributes: that is the drift.
 */
export function randomContributions(
  random: Random,
  rows: number,
  factors: Readonly<Record<string, number>> = {},
): Float64Array {
  const n = featureNames.length
  return Float64Array.from({ length: rows * n }, (_, at) => {
    const i = at % n
    const contribution = i === n - 1 ? 0 : (random.normal() + 0.3) / (i + 1)
    return contribution * (factors[featureNames[i]!] ?? 1)
  })
}

export function randomBaseline(seed: number, rows = 3000): Baseline {
  const contributions = randomContributions(createRandom(seed), rows)
  return fitBaseline({ features: featureNames, adverse: 'high', contributions })
}

/** The rows of row-major `contributions`, all of them unless `rows` says which and in what order. */
export function windowOf(scale: Scale, contributions: Float64Array, rows?: readonly number[]): Window {
  const window = openWindow(scale)
  const every = Array.from({ length: contributions.length / scale.features.length }, (_, row) => row)
  for (const row of rows ?? every) update(window, contributions, row)
  return window
}

/** What two windows that counted the same have in common. */
export function countedIn({ explanations, counts }: Window): { explanations: number; counts: string } {
  return { explanations, counts: counts.join() }
}
