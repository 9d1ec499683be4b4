import { estimatorOf } from './estimator-of.ts'
import { solvePaired } from './solve-paired.ts'
import { planWithoutReplacement } from './plan-without-replacement.ts'
import type { ShapleyEstimator } from './shapley-estimator.ts'
import { sizeLaw } from './size-law.ts'

/**
 * KernelSHAP (Lundberg & Lee 2017) on pairs of complements, sizes by the Shapley kernel: while the budget reaches all
 * coalitions of a size, that size is enumerated; of the others no coalition is asked twice.
 */
export const kernelShap: ShapleyEstimator = estimatorOf({
  name: 'kernel-shap',
  leastBudget: (playerCount) => 2 * playerCount,
  plan: (playerCount, budget, random) => planWithoutReplacement(playerCount, budget, sizeLaw(playerCount, 1), random),
  solve: solvePaired,
})
