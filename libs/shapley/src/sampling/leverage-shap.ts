import { estimatorOf } from './estimator-of.ts'
import { planWithReplacement } from './plan-with-replacement.ts'
import { planWithoutReplacement } from './plan-without-replacement.ts'
import type { ShapleyEstimator } from './shapley-estimator.ts'
import { sizeLaw } from './size-law.ts'
import { solvePaired } from './solve-paired.ts'

const leastBudget = (playerCount: number) => 2 * playerCount

/** Leverage SHAP (Musco & Witter 2025): sizes are equally likely, as the leverage scores are; no coalition is asked twice. */
export const leverageShap: ShapleyEstimator = estimatorOf({
  name: 'leverage-shap',
  leastBudget,
  plan: (playerCount, budget, random) => planWithoutReplacement(playerCount, budget, sizeLaw(playerCount, 0), random),
  solve: solvePaired,
})

/** The variant of the paper's proofs: pairs are drawn with replacement. */
export const leverageShapWithReplacement: ShapleyEstimator = estimatorOf({
  name: 'leverage-shap-with-replacement',
  leastBudget,
  plan: (playerCount, budget, random) => planWithReplacement(playerCount, budget, sizeLaw(playerCount, 0), random),
  solve: solvePaired,
})
