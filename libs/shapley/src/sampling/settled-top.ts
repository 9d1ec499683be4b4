export interface TopQuestion {
  /** One contribution per player. */
  readonly values: Float64Array
  /** Of the values' errors, playerCount², as `solveResidual` returns it. */
  readonly covariance: Float64Array
  /** Half width of a 95 % interval in standard errors: Student's quantile times the calibrated factor. */
  readonly halfWidth: number
  /** Contributions of this sign are adverse. */
  readonly adverseSign: 1 | -1
  /** How many reasons are reported at most; 4 unless given. */
  readonly most?: number
}

/** `set`: who the most adverse players are is certain, not their order; `order`: that too. */
export type Settled = 'nothing' | 'set' | 'order'

/**
 * What is certain of the most adverse players (those with an adverse contribution, `most` at most):
 * - the set, when each is adverse and ahead of every other player by more than the half width of that difference, and, when
 *   fewer than `most` are adverse, every other one is at most 0 by its own half width;
 * - the order, when they are ahead of each other likewise.
 *
 * The half width of a difference comes from the covariance: contributions share their sum, so their errors are not
 * independent. Every comparison is at the level of `halfWidth` by itself.
 */
export function settledTop({ values, covariance, halfWidth, adverseSign, most = 4 }: TopQuestion): Settled {
  const n = values.length
  const adverse = values.map((value) => adverseSign * value)
  const spread = (i: number, j: number): number =>
    halfWidth * Math.sqrt(Math.max(covariance[i * n + i]! + covariance[j * n + j]! - 2 * covariance[i * n + j]!, 0))
  const spreadAlone = (i: number): number => halfWidth * Math.sqrt(Math.max(covariance[i * n + i]!, 0))
  const isAhead = (i: number, j: number): boolean => adverse[i]! - adverse[j]! > spread(i, j)

  const order = Array.from(values.keys()).sort((i, j) => adverse[j]! - adverse[i]! || i - j)
  const reported = order.slice(0, most).filter((i) => adverse[i]! > 0)
  const others = order.slice(reported.length)
  const isSet =
    reported.every((i) => adverse[i]! > spreadAlone(i) && others.every((j) => isAhead(i, j))) &&
    (reported.length === most || others.every((i) => -adverse[i]! >= spreadAlone(i)))
  if (!isSet) return 'nothing'
  return reported.every((i, rank) => rank === 0 || isAhead(reported[rank - 1]!, i)) ? 'order' : 'set'
}
