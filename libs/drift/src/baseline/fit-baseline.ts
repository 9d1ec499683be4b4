import { DriftError } from '../drift-error.ts'
import { noLandmarks } from '../statistics/landmarks.ts'
import { binnedCount } from '../statistics/scale.ts'
import { rowWidth, totalOf, type Adverse } from '../statistics/statistics.ts'
import { enoughExplanations, type Baseline } from './baseline.ts'
import { findLandmarks } from './find-landmarks.ts'
import { fitColumns, meanOf } from './fit-columns.ts'

export interface Reference {
  /** Names of the features (or groups explained as one), in the order of the contributions. */
  readonly features: readonly string[]
  readonly adverse: Adverse
  /** Row-major, one row per explanation: of every feature its contribution, then of every feature its value (`rowWidth`). */
  readonly rows: Float64Array
  /** Baselines watched together under one promise, this one included; 1 unless said. */
  readonly slices?: number
  /** Statistics of baselines of another shape that are under the same promise; 0 unless said. */
  readonly besides?: number
}

/**
 * The baseline of explanations. The same explanations in any order give the same one, bit for bit. Throws REFERENCE_TOO_SMALL,
 * SHAPE_MISMATCH, CONTRIBUTION_NOT_FINITE, DRIFT_OPTION_INVALID.
 */
export function fitBaseline(reference: Reference): Baseline {
  const { features, adverse, rows, slices = 1, besides = 0 } = reference
  const count = countRows(features, rowWidth(features.length, adverse), rows)
  const landmarks = findLandmarks(features.length, rows, count)
  const columns = columnsOfShares(reference, count)
  // A change too little to matter: 5 % of the mean share and no less than .001.
  const tolerances = columns.map((_, j) => Math.max(0.05 * meanOf(columns[j % features.length]!), 0.001))
  const isContribution = (at: number): boolean => at % (2 * features.length) < features.length
  const largest = rows.reduce((most, value, at) => (isContribution(at) ? Math.max(most, Math.abs(value)) : most), 0)
  return fitColumns(columns, tolerances, { features, adverse, landmarks, rows, largest, slices, besides })
}

export interface ValueReference {
  readonly names: readonly string[]
  /** Row-major, one row per explanation, in units in which 1 is a large change. */
  readonly values: Float64Array
  /** Per name: a change of its mean that is too little to matter. */
  readonly tolerances: readonly number[]
  readonly slices?: number
  readonly besides?: number
}

/** The baseline of plain values, such as fidelity, interval width and flags: the drift of quality. Throws as `fitBaseline`. */
export function fitValueBaseline({ names, values, tolerances, slices = 1, besides = 0 }: ValueReference): Baseline {
  const rows = countRows(names, names.length, values)
  if (tolerances.length !== names.length)
    throw new DriftError(
      'SHAPE_MISMATCH',
      `${tolerances.length} tolerances for ${names.length} values: pass one per value`,
    )
  const stray = tolerances.findIndex((tolerance) => !(tolerance >= 0 && tolerance < Infinity))
  if (stray >= 0)
    throw new DriftError(
      'DRIFT_OPTION_INVALID',
      `the tolerance of ${names[stray]} is ${tolerances[stray]}: give what is too little to matter, 0 or more`,
    )
  for (let row = 0; row < rows; row++) totalOf(values, row * names.length, names)
  const columns = names.map((_, i) => values.filter((__, at) => at % names.length === i).sort())
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const fit = { features: names, adverse: undefined, landmarks: noLandmarks, rows: values, largest, slices, besides }
  return fitColumns(columns, tolerances, fit)
}

function countRows(features: readonly string[], width: number, values: Float64Array): number {
  const rows = values.length / width
  const twice = features.find((name, i) => features.indexOf(name) !== i)
  if (twice !== undefined)
    throw new DriftError('SHAPE_MISMATCH', `two columns are called ${twice}: give each a name of its own`)
  if (!Number.isInteger(rows))
    throw new DriftError(
      'SHAPE_MISMATCH',
      `${values.length} numbers are no whole rows of ${width}: pass ${width / features.length} for each of the ${features.length} columns`,
    )
  if (rows < 2)
    throw new DriftError(
      'REFERENCE_TOO_SMALL',
      `${rows} reference explanations have no spread: give at least 2, better ${enoughExplanations} or more`,
    )
  return rows
}

/** The shares and the signed shares of every feature, each sorted. */
function columnsOfShares({ features, adverse, rows }: Reference, count: number): Float64Array[] {
  const n = features.length
  const columns = Array.from({ length: binnedCount({ features, adverse }) }, () => new Float64Array(count))
  for (let row = 0; row < count; row++) {
    const from = 2 * n * row
    const total = totalOf(rows, from, features)
    for (let i = 0; i < n; i++) {
      const signed = total > 0 ? rows[from + i]! / total : 0
      columns[i]![row] = Math.abs(signed)
      columns[n + i]![row] = signed
    }
  }
  for (const column of columns) column.sort()
  return columns
}
