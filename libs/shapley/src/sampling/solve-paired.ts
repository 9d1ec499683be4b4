import { fitSigns } from './fit-signs.ts'
import { differencesOf, type PairedPlan } from './paired-plan.ts'
import { sandwichErrors } from './sandwich-errors.ts'
import type { ShapleyEstimate } from './shapley-estimator.ts'

/** As large as decides what the sample leaves open (equal shares) and too small to be seen otherwise. */
const ridgeShare = 1e-12

/** The kernel regression on pairs: only the odd part of the game has Shapley values (Musco & Witter 2025). */
export function solvePaired(plan: PairedPlan, values: Float64Array, empty: number, full: number): ShapleyEstimate {
  const regression = {
    columnCount: plan.playerCount,
    rowCount: plan.pairCount,
    members: plan.coalitions,
    differences: differencesOf(plan, values),
    weights: plan.weights,
    total: full - empty,
    ridge: tinyRidge(plan.weights),
  }
  const fit = fitSigns(regression)
  const standardErrors = sandwichErrors(regression, fit, plan.inclusion)
  return { values: fit.values, standardErrors, exact: false }
}

export function tinyRidge(weights: Float64Array): number {
  return ridgeShare * weights.reduce((sum, weight) => sum + weight, 0)
}
