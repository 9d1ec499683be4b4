import type { ExactExplainer, PairPlan } from '@raison/shapley'

/**
 * A stand-in g for a model f whose exact Shapley values are cheap. It answers in the space of the model's explanation;
 * rows are row-major float32 as the model takes them, NaN where missing.
 */
export interface Surrogate extends ExactExplainer {
  /** g(x_S, z) − g(z_S, x) of each pair of `plan`, z = background row `plan.referenceRows[k]`; `out` holds one per pair. */
  pairDifferencesInto(row: Float32Array, plan: PairPlan, out: Float64Array): void
}
