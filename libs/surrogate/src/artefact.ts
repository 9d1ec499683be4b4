import type { TreeEnsemble } from '@raison/trees'
import type { CosineNetwork } from './cosine-network.ts'

/** A stand-in as fitted: a cosine network, boosted trees, or trees on what a network leaves. Plain data. */
export interface FittedSurrogate {
  readonly cosine: { readonly network: CosineNetwork; readonly nodeCount: number } | undefined
  readonly trees: TreeEnsemble | undefined
}

/** How well residual regression does with one budget, measured on rows that the fit never saw. */
export interface CalibratedBudget {
  /** Model rows of one decision, beside the decision's own row. */
  readonly rows: number
  /** λ with the least error at this budget. */
  readonly ridge: number
  /** What the half width of a 95 % interval is multiplied with so that it covers. */
  readonly factor: number
  /** The same of the players that `mostAdverse` selects, where the fit has measured it: never less than `factor`. */
  readonly reasonFactor?: number
  /** Median of |φ̂ − φ|² / |φ|². */
  readonly error: number
}

export interface Calibration {
  /** Mean weighted square of a pair's difference. */
  readonly noise: number
  /** By rows, ascending; at least one. */
  readonly budgets: readonly CalibratedBudget[]
}

/** All that `fit` leaves for one model and one reference population. */
export interface SurrogateArtefact {
  readonly surrogate: FittedSurrogate
  /** R² on hybrids of rows that the fit never saw. */
  readonly fidelity: number
  readonly calibration: Calibration
  /** Rows of `calibration.budgets` that a decision may use at most. */
  readonly budgetRows: number
}
