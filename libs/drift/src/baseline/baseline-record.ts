import { DriftError } from '../drift-error.ts'
import { watchedCount, type Scale } from '../statistics/scale.ts'
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
    usual: Array.from(scale.usual, (value) => (Number.isNaN(value) ? null : value)),
    resolution: scale.resolution,
    bounds: Array.from(bounds),
    constant: Array.from(constant),
    reference: writeWindow(reference),
  }
}

/** The same baseline again. Throws BASELINE_INVALID, and WINDOW_INVALID for its reference. */
export function readBaseline(record: BaselineRecord): Baseline {
  const { features, adverse, resolution } = record
  const scale: Scale = {
    features,
    adverse,
    low: Float64Array.from(record.low),
    high: Float64Array.from(record.high),
    usual: Float64Array.from(record.usual, (value) => value ?? Number.NaN),
    resolution,
  }
  const bounds = Float64Array.from(record.bounds)
  const constant = Uint8Array.from(record.constant)
  const watched = watchedCount(scale)
  const whole =
    [scale.low, scale.high, constant].every((array) => array.length === watched) &&
    bounds.length === 2 * watched &&
    scale.usual.length === (adverse === undefined ? 0 : features.length) &&
    scale.low.every((low, j) => low < scale.high[j]!) &&
    bounds.every((bound) => bound > 0 && bound < 1) &&
    resolution > 0
  if (!whole)
    throw new DriftError('BASELINE_INVALID', `this is no baseline of ${features.length} features: fit it again`)
  const reference = readWindow(scale, record.reference)
  return { scale, reference, bounds, constant, warmingUp: reference.explanations < enoughExplanations }
}
