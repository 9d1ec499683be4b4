import { firstOfTexts } from '@raison/drift'
import type { Contribution, MonitoredExplanation } from '@raison/events'
import { crc32 } from 'node:zlib'
import { MonitoringError } from './monitoring-error.ts'

/**
 * A row as `@raison/drift` takes it, at the beginning of `out`: the contributions in the order of `features`, then their values.
 * They mostly come in that order; any other is found by name. Throws FEATURES_MISMATCH when they are not of these features,
 * each once.
 */
export function rowInto(
  { contributions }: Pick<MonitoredExplanation, 'contributions'>,
  features: readonly string[],
  out: Float64Array,
): void {
  const n = features.length
  if (contributions.length !== n) throw mismatch(contributions, features)
  for (let i = 0; i < n; i++) {
    const inPlace = contributions[i]!
    const found =
      inPlace.feature === features[i] ? inPlace : contributions.find(({ feature }) => feature === features[i])
    if (found === undefined) throw mismatch(contributions, features)
    out[i] = found.contribution
    out[n + i] = numberFor(found.value)
  }
}

/** A number by which a value is told from others: itself, NaN for none, and for a text, or the values of a group, their CRC-32 (which has no order). */
export function numberFor(value: Contribution['value'] | undefined): number {
  if (typeof value === 'number') return value
  if (value === null || value === undefined) return Number.NaN
  return firstOfTexts + crc32(typeof value === 'string' ? value : JSON.stringify(value))
}

function mismatch(contributions: MonitoredExplanation['contributions'], features: readonly string[]): MonitoringError {
  const missing = features.find((name) => !contributions.some(({ feature }) => feature === name))
  return new MonitoringError(
    'FEATURES_MISMATCH',
    `${contributions.length} contributions where the baseline has ${features.length}${missing === undefined ? '' : `, none of ${missing}`}: explanations of one model have the same features; learn a baseline of this one`,
  )
}
