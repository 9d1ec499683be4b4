import { TreeError } from './tree-error.ts'

export interface TrainingData {
  /** Row-major, `featureCount` wide; NaN where missing. */
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
  readonly targets: Float64Array
}

export interface FitOptions {
  /** Trees at most; a round that finds nothing to split adds none. Default 300. */
  readonly rounds?: number
  /** Leaves of a tree at most. Default 31. */
  readonly leaves?: number
  /** Part of each leaf's mean that is added, above 0 to 1. Default 0.1. */
  readonly learningRate?: number
  /** Drawn rows in each leaf at least. Default 20. */
  readonly minRowsPerLeaf?: number
  /** Added to the row count a leaf's sum is divided by. Default 1. */
  readonly l2?: number
  /** Bins of a feature at most, 2 to 255, besides the one of missing values. Default 255. */
  readonly bins?: number
  /** Part of the rows drawn anew for each tree, above 0 to 1. Default 0.5. */
  readonly rowShare?: number
  /** Splits on a path at most. Default 8: it bounds the players of a leaf and with them its Shapley tables (README.md). */
  readonly maxDepth?: number
  /** Seed of the draws of rows, a 32-bit integer. Default 0. */
  readonly seed?: number
}

export type FitSettings = Required<FitOptions>

const defaults: FitSettings = {
  rounds: 300,
  leaves: 31,
  learningRate: 0.1,
  minRowsPerLeaf: 20,
  l2: 1,
  bins: 255,
  rowShare: 0.5,
  maxDepth: 8,
  seed: 0,
}

/** The options with their defaults. Throws `TreeError` when one is out of its range. */
export function settleOptions(options: FitOptions): FitSettings {
  const settings = { ...defaults, ...options }
  requireWhole(settings, 'rounds', 1)
  requireWhole(settings, 'leaves', 2)
  requireWhole(settings, 'minRowsPerLeaf', 1)
  requireWhole(settings, 'maxDepth', 1)
  requireWhole(settings, 'bins', 2, 255)
  requireWhole(settings, 'seed', -(2 ** 31), 2 ** 32 - 1)
  requireShare(settings, 'learningRate')
  requireShare(settings, 'rowShare')
  if (!(settings.l2 >= 0 && settings.l2 < Infinity)) throw invalid(settings, 'l2', 'a finite number of 0 or more')
  return settings
}

/** Throws `TreeError` when the arrays do not fit together or a target is no number. */
export function checkTraining({ rows, rowCount, featureCount, targets }: TrainingData): void {
  if (!(rowCount >= 1)) throw new TreeError('TOO_FEW_ROWS', `trees are fitted to at least one row, got ${rowCount}`)
  if (rows.length !== rowCount * featureCount)
    throw mismatch(`the rows hold ${rows.length} numbers, not ${rowCount} rows of ${featureCount} features`)
  if (targets.length !== rowCount) throw mismatch(`${targets.length} targets are given for ${rowCount} rows`)
  const stray = targets.findIndex((target) => !Number.isFinite(target))
  if (stray >= 0)
    throw new TreeError('TARGET_NOT_FINITE', `the target of row ${stray} is ${targets[stray]}: leave that row out`)
}

function requireWhole(settings: FitSettings, name: keyof FitSettings, least: number, most = 2 ** 31 - 1): void {
  const value = settings[name]
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw invalid(settings, name, `a whole number from ${least} to ${most}`)
}

function requireShare(settings: FitSettings, name: keyof FitSettings): void {
  if (!(settings[name] > 0 && settings[name] <= 1)) throw invalid(settings, name, 'above 0 and at most 1')
}

function invalid(settings: FitSettings, name: keyof FitSettings, allowed: string): TreeError {
  return new TreeError('FIT_OPTION_INVALID', `${name} is ${settings[name]}: it must be ${allowed}`)
}

function mismatch(message: string): TreeError {
  return new TreeError('SHAPE_MISMATCH', message)
}
