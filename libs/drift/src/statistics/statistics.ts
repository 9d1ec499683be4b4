import { DriftError } from '../drift-error.ts'

/** What is watched of every feature i of one explanation with contributions c, T = Σ|c|. */
const ofContributions = [
  /** |c_i| / T; 0 when nothing contributes. */
  'share',
  /** c_i / T; 0 when nothing contributes. */
  'signed-share',
  /** 1 when c_i is among the four largest contributions with the adverse sign, else 0. */
  'top-four',
  /** 1 when the feature has the value that is most frequent in the reference, else 0. */
  'usual-value',
  /** 1 when its value is a number among the lowest tenth of the reference, else 0. */
  'lowest-tenth',
  /** 1 when its value is a number among the highest tenth of the reference, else 0. */
  'highest-tenth',
] as const

/** Of contributions the statistics before this one lie in a range, those from it on are only so or not so. */
const firstIndicator = 2

/** What is watched of a plain value, such as the fidelity of an explanation: the value. */
const ofValues = ['value'] as const

/**
 * Numbers in a row: of an explanation the contribution of every feature and then its value, of plain values one each. A
 * number may stand for a text (`firstOfTexts`): it is compared, and has no order; NaN is a value that is missing.
 */
export function rowWidth(featureCount: number, adverse: Adverse | undefined): number {
  return adverse === undefined ? featureCount : 2 * featureCount
}

export type StatisticName = (typeof ofContributions)[number] | (typeof ofValues)[number]

/** The side of the score that hurts the applicant: contributions of that sign are adverse. */
export type Adverse = 'high' | 'low'

/** Without an adverse side plain values are watched, else contributions. */
export function statisticsOf(adverse: Adverse | undefined): readonly StatisticName[] {
  return adverse === undefined ? ofValues : ofContributions
}

/** How many of them are counted in bins, the first ones; of the others it is counted how often they are so. */
export function binnedStatistics(adverse: Adverse | undefined): number {
  return adverse === undefined ? ofValues.length : firstIndicator
}

/** T = Σ|c| of one explanation. Throws CONTRIBUTION_NOT_FINITE. */
export function totalOf(contributions: Float64Array, from: number, features: readonly string[]): number {
  let total = 0
  for (let i = 0; i < features.length; i++) total += Math.abs(contributions[from + i]!)
  if (!(total < Infinity)) throw notFinite(contributions, from, features)
  return total
}

export const topCount = 4

/**
 * The features with the largest adverse contributions into `top`, most adverse first, equals in feature order; returns how
 * many there are, at most four.
 */
export function topFourInto(
  contributions: Float64Array,
  from: number,
  featureCount: number,
  adverse: Adverse,
  top: Int32Array,
): number {
  const sign = adverse === 'high' ? 1 : -1
  let found = 0
  for (let i = 0; i < featureCount; i++) {
    const amount = sign * contributions[from + i]!
    if (amount <= 0 || (found === topCount && amount <= sign * contributions[from + top[topCount - 1]!]!)) continue
    let at = found < topCount ? found++ : topCount - 1
    for (; at > 0 && amount > sign * contributions[from + top[at - 1]!]!; at--) top[at] = top[at - 1]!
    top[at] = i
  }
  return found
}

function notFinite(contributions: Float64Array, from: number, features: readonly string[]): DriftError {
  const row = contributions.subarray(from, from + features.length)
  const at = row.findIndex((value) => !Number.isFinite(value))
  const what =
    at < 0 ? 'the contributions overflow when added up' : `the contribution of "${features[at]!}" is ${row[at]!}`
  return new DriftError('CONTRIBUTION_NOT_FINITE', `${what}: leave this explanation out and check its model`)
}
