import type { TreeEnsemble } from '@raison/trees'
import { explainLinear } from './explain-linear.ts'
import { explainTrees } from './explain-trees.ts'
import type { Background, Players } from './players.ts'
import { ShapleyError } from './shapley-error.ts'

/** What an exact explanation is computed from; a linear form has one coefficient per feature. */
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

/** Throws `ShapleyError` when the background or the players do not fit the model. */
export const prepareExact: PrepareExact = (form, background, players) => {
  checkShapes(form, background, players)
  switch (form.kind) {
    case 'trees':
      return explainTrees(form.ensemble, background, players)
    case 'linear':
      return explainLinear(form.coefficients, form.intercept, background, players)
  }
}

function checkShapes(form: ExactForm, { rows, rowCount }: Background, { count, ofFeature }: Players): void {
  const featureCount = form.kind === 'trees' ? form.ensemble.featureCount : form.coefficients.length
  if (rowCount < 1) throw new ShapleyError('BACKGROUND_EMPTY', 'the background has no rows: give at least one')
  if (rows.length !== rowCount * featureCount)
    throw mismatch(`the background holds ${rows.length} numbers, not ${rowCount} rows of ${featureCount} features`)
  if (ofFeature.length !== featureCount)
    throw mismatch(`players are given for ${ofFeature.length} features, the model has ${featureCount}`)
  const stray = ofFeature.findIndex((player) => player < 0 || player >= count)
  if (stray >= 0)
    throw mismatch(`feature ${stray} belongs to player ${ofFeature[stray]}, players are 0 to ${count - 1}`)
}

function mismatch(message: string): ShapleyError {
  return new ShapleyError('SHAPE_MISMATCH', message)
}
