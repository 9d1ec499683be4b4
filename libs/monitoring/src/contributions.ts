import type { MonitoredExplanation } from './monitored-explanation.ts'
import { MonitoringError } from './monitoring-error.ts'

/**
 * The contributions in the order of `features`, at the beginning of `out`. They mostly come in that order; any other is found
 * by name. Throws FEATURES_MISMATCH when they are not of these features, each once.
 */
export function contributionsInto(
  { contributions }: Pick<MonitoredExplanation, 'contributions'>,
  features: readonly string[],
  out: Float64Array,
): void {
  if (contributions.length !== features.length) throw mismatch(contributions, features)
  for (let i = 0; i < features.length; i++) {
    const inPlace = contributions[i]!
    const found =
      inPlace.feature === features[i] ? inPlace : contributions.find(({ feature }) => feature === features[i])
    if (found === undefined) throw mismatch(contributions, features)
    out[i] = found.contribution
  }
}

function mismatch(contributions: MonitoredExplanation['contributions'], features: readonly string[]): MonitoringError {
  const missing = features.find((name) => !contributions.some(({ feature }) => feature === name))
  return new MonitoringError(
    'FEATURES_MISMATCH',
    `${contributions.length} contributions where the baseline has ${features.length}${missing === undefined ? '' : `, none of ${missing}`}: explanations of one model have the same features; learn a baseline of this one`,
  )
}
