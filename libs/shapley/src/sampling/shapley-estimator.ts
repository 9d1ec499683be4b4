import type { Random } from '@raison/numerics'

/** Coalitions at which an estimator asks the game; v(S) is a mean over the reference rows. */
export interface CoalitionPlan {
  readonly playerCount: number
  readonly coalitionCount: number
  /** coalitionCount × playerCount, row-major: 1 where the player is in S. Neither the empty nor the full coalition. */
  readonly coalitions: Uint8Array
  /** Every coalition is there: the estimate is exact up to rounding. */
  readonly exact: boolean
}

export interface ShapleyEstimate {
  /** One per player; they sum to v(N) − v(∅). */
  readonly values: Float64Array
  /** One per player; zeros when exact, undefined where the estimator has none. */
  readonly standardErrors: Float64Array | undefined
  readonly exact: boolean
}

/** One way to spend a budget of coalitions: plan → ask the game → solve. Stateless; chance comes with the call. */
export interface ShapleyEstimator<Plan extends CoalitionPlan = CoalitionPlan> {
  readonly name: string
  /** At most `budget` coalitions; with 2^n − 2 or more, all of them once. Throws ShapleyError BUDGET_TOO_SMALL. */
  plan(playerCount: number, budget: number, random: Random): Plan
  /** `values`: v(S) of each planned coalition; `empty` = v(∅), `full` = v(N). */
  solve(plan: Plan, values: Float64Array, empty: number, full: number): ShapleyEstimate
}
