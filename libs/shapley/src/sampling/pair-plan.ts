/**
 * Pairs (S, N∖S) of coalitions for one decision, each pair with one reference row z. A pair asks the game twice, of single rows:
 * f(x_S, z) and f(z_S, x). Coalitions have 1 … playerCount − 1 players.
 */
export interface PairPlan {
  readonly playerCount: number
  readonly pairCount: number
  /** pairCount × playerCount, row-major: 1 where the player is in S. */
  readonly coalitions: Uint8Array
  /** Per pair the index of its background row. */
  readonly referenceRows: Int32Array
  /** Per pair the regression weight, mean 1. */
  readonly weights: Float64Array
}
