import { DriftError } from '../drift-error.ts'
import { binnedCount, watchedCount, type Scale } from '../statistics/scale.ts'
import type { Adverse } from '../statistics/statistics.ts'
import { readWindow, writeWindow, type WindowRecord } from '../window/window-record.ts'
import { enoughExplanations, type Baseline } from './baseline.ts'

/** A baseline as plain JSON-able data, exactly. */
export interface BaselineRecord {
  readonly features: readonly string[]
  readonly adverse?: Adverse | undefined
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** null: missing. */
  readonly usual: readonly (number | null)[]
  /** null: none. Not in records that know nothing of the lowest and highest tenths (`isOutdated`). */
  readonly lowest?: readonly (number | null)[] | undefined
  readonly highest?: readonly (number | null)[] | undefined
  readonly resolution: number
  readonly bounds: readonly number[]
  readonly constant: readonly number[]
  readonly reference: WindowRecord
}

export function writeBaseline({ scale, reference, bounds, constant }: Baseline): BaselineRecord {
  return {
    features: scale.features,
    adverse: scale.adverse,
    low: Array.from(scale.low),
    high: Array.from(scale.high),
    usual: writeValues(scale.usual),
    lowest: writeValues(scale.lowest),
    highest: writeValues(scale.highest),
    resolution: scale.resolution,
    bounds: Array.from(bounds),
    constant: Array.from(constant),
    reference: writeWindow(reference),
  }
}

/** Of contributions, learned by a version that watched less of them: what has not been counted cannot be watched. */
export function isOutdated({ adverse, lowest, highest }: BaselineRecord): boolean {
  return adverse !== undefined && (lowest === undefined || highest === undefined)
}

/** The same baseline again. Throws BASELINE_INVALID, and WINDOW_INVALID for its reference. */
export function readBaseline(record: BaselineRecord): Baseline {
  const { features, adverse, resolution } = record
  if (isOutdated(record))
    throw new DriftError(
      'BASELINE_INVALID',
      'this baseline is of an earlier version, which watched less: run `raison fit` again, or learn it from explanations',
    )
  const scale: Scale = {
    features,
    adverse,
    low: Float64Array.from(record.low),
    high: Float64Array.from(record.high),
    usual: readValues(record.usual),
    lowest: readValues(record.lowest),
    highest: readValues(record.highest),
    resolution,
  }
  const bounds = Float64Array.from(record.bounds)
  const constant = Uint8Array.from(record.constant)
  const { usual, lowest, highest } = scale
  const withLandmarks = adverse === undefined ? 0 : features.length
  const whole =
    [scale.low, scale.high, constant].every((array) => array.length === binnedCount(scale)) &&
    [usual, lowest, highest].every((array) => array.length === withLandmarks) &&
    bounds.length === 2 * watchedCount(scale) &&
    scale.low.every((low, j) => low < scale.high[j]!) &&
    bounds.every((bound) => bound > 0 && bound < 1) &&
    resolution > 0
  if (!whole)
    throw new DriftError('BASELINE_INVALID', `this is no baseline of ${features.length} features: fit it again`)
  const reference = readWindow(scale, record.reference)
  return { scale, reference, bounds, constant, warmingUp: reference.explanations < enoughExplanations }
}

function writeValues(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value))
}

function readValues(values: readonly (number | null)[] = []): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN)
}
