import type { TreeEnsemble } from '@raison/trees'
import type { Background, Players } from './players.ts'

/** What an exact explanation is computed from. `values` have one coefficient per feature. */
export type ExactForm =
  | { readonly kind: 'trees'; readonly ensemble: TreeEnsemble }
  | { readonly kind: 'linear'; readonly coefficients: Float64Array; readonly intercept: number }

/** Exact Shapley values of one model against one background, prepared once and reused for every decision. */
export interface ExactExplainer {
  readonly playerCount: number
  /** Mean output over the background. */
  readonly baseValue: number
  /**
   * Contributions of `rowCount` rows (row-major float32), written to `out`, row-major, one per player.
   * `baseValue + Σ contributions = output(row)`.
   */
  explainInto(rows: Float32Array, rowCount: number, out: Float64Array): void
  /** Outputs of `rowCount` rows in the space the contributions add up in, from the same float64 sums. */
  outputsInto(rows: Float32Array, rowCount: number, out: Float64Array): void
}

export type PrepareExact = (form: ExactForm, background: Background, players: Players) => ExactExplainer
