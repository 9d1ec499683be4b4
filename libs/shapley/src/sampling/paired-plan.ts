import type { CoalitionPlan } from './shapley-estimator.ts'

/** Coalitions S_0 … S_{P−1}, then their complements in the same order. */
export interface PairedPlan extends CoalitionPlan {
  readonly pairCount: number
  /** Regression weight of each pair. */
  readonly weights: Float64Array
  /** Chance with which each pair is in the plan: 1 where it always is, 0 where pairs are drawn with replacement. */
  readonly inclusion: Float64Array
}

/** A plan of the pairs whose first halves are the `pairCount` coalitions at the beginning of `coalitions`; fills in the rest. */
export function completePairs(
  playerCount: number,
  coalitions: Uint8Array,
  weights: Float64Array,
  inclusion: Float64Array,
): PairedPlan {
  const pairCount = weights.length
  const half = pairCount * playerCount
  for (let at = 0; at < half; at++) coalitions[half + at] = 1 - coalitions[at]!
  return { playerCount, coalitionCount: 2 * pairCount, coalitions, pairCount, weights, inclusion, exact: false }
}

/** v(S) − v(N∖S) of each pair. */
export function differencesOf({ pairCount }: PairedPlan, values: Float64Array): Float64Array {
  return Float64Array.from({ length: pairCount }, (_, k) => values[k]! - values[pairCount + k]!)
}
