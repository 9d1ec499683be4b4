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

/**
 * Whether the most adverse players (those with an adverse contribution, `most` at most) and their order are settled:
 * - each is adverse and ahead of every player behind it, by more than the half width of that difference;
 * - when fewer than `most` are adverse, every other one is at most 0 by its own half width.
 *
 * The half width of a difference comes from the covariance: contributions share their sum, so their errors are not
 * independent. Every comparison is at the level of `halfWidth` by itself.
 */
export function settledTop({ values, covariance, halfWidth, adverseSign, most = 4 }: TopQuestion): boolean {
  const n = values.length
  const adverse = values.map((value) => adverseSign * value)
  const spread = (i: number, j: number) =>
    halfWidth * Math.sqrt(Math.max(covariance[i * n + i]! + covariance[j * n + j]! - 2 * covariance[i * n + j]!, 0))
  const spreadAlone = (i: number) => halfWidth * Math.sqrt(Math.max(covariance[i * n + i]!, 0))

  const order = Array.from(values.keys()).sort((i, j) => adverse[j]! - adverse[i]! || i - j)
  const reported = order.slice(0, most).filter((i) => adverse[i]! > 0)
  const ahead = reported.every(
    (i, rank) =>
      adverse[i]! > spreadAlone(i) && order.slice(rank + 1).every((j) => adverse[i]! - adverse[j]! > spread(i, j)),
  )
  return (
    ahead && (reported.length === most || order.slice(reported.length).every((i) => -adverse[i]! >= spreadAlone(i)))
  )
}
