import { ShapleyError } from '../shapley-error.ts'
import { fitSigns } from './fit-signs.ts'
import type { PairPlan } from './pair-plan.ts'

export interface ResidualProblem {
  readonly plan: PairPlan
  /** The first pairs of the plan are used, possibly none. */
  readonly pairCount: number
  /** Per pair [f(x_S, z) − g(x_S, z)] − [f(z_S, x) − g(z_S, x)]. */
  readonly differences: Float64Array
  /** What the contributions of the residual add up to: f(x) − E f − Σ_j φ_j(g; x). */
  readonly total: number
  /** λ > 0 of the penalty λ‖δ‖² beside squared errors of mean weight 1. */
  readonly ridge: number
  /** s₀: what the squared differences are expected to be, from the fit of g. */
  readonly noise: number
}

/** Posterior of the residual's contributions: Student's t around `values`. */
export interface ResidualSolution {
  /** δ, one per player; they sum to `total`. */
  readonly values: Float64Array
  /** Square roots of the covariance's diagonal. */
  readonly standardErrors: Float64Array
  /** playerCount², squared scale of the t; the sd of δ_i − δ_j is √(V_ii + V_jj − 2V_ij). */
  readonly covariance: Float64Array
  readonly degreesOfFreedom: number
}

/** The expected noise counts as much as this many pairs. */
const priorDegrees = 4

/**
 * Ridge regression of paired differences under Σδ = total, with the noise's variance estimated from prior and errors. Without
 * pairs everyone gets the same share of the total and the interval is the prior's.
 */
export function solveResidual(problem: ResidualProblem): ResidualSolution {
  const { plan, pairCount, differences, total, ridge, noise } = problem
  if (pairCount > plan.pairCount || differences.length < pairCount)
    throw new ShapleyError(
      'SHAPE_MISMATCH',
      `${pairCount} pairs are to be used of ${plan.pairCount} planned and ${differences.length} differences`,
    )
  const { values, inverse, loss } = fitSigns({
    columnCount: plan.playerCount,
    rowCount: pairCount,
    members: plan.coalitions,
    differences,
    weights: withMeanOne(plan.weights.subarray(0, pairCount)),
    total,
    ridge,
  })
  const degreesOfFreedom = priorDegrees + pairCount
  const variance = (priorDegrees * noise + loss) / degreesOfFreedom
  const covariance = inverse.map((entry) => variance * entry)
  const standardErrors = values.map((_, i) => Math.sqrt(Math.max(covariance[i * (plan.playerCount + 1)]!, 0)))
  return { values, standardErrors, covariance, degreesOfFreedom }
}

function withMeanOne(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return weights.map((weight) => weight / mean)
}
