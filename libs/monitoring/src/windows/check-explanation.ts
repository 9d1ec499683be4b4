import type { MonitoredExplanation } from '@raison/events'
import { MonitoringError } from '../monitoring-error.ts'

/** Of a model's name, and of all names of features: what every record of theirs must hold, far below the 1 MB that topics take. */
const [mostName, mostNames] = [1000, 100_000]
/** A baseline holds three histograms and four counts of each. */
const mostColumns = 500
/** Means and variances of what is larger would be infinite. */
export const mostContribution = 1e150

/** What explanations that count alike have in common: names. Throws EXPLANATION_INVALID. */
export function checkFamily({ model, contributions, contributionsCut, quality }: MonitoredExplanation): void {
  const names = new Set(contributions.map(({ feature }) => feature))
  if (model.name === '' || model.name.length + model.version.length > mostName)
    throw invalid('its model has no name, or one that is too long')
  if (names.size < contributions.length) throw invalid('two contributions are of one feature')
  if (names.size === 0 && !contributionsCut && !quality.degraded) throw invalid('it has no contributions')
  if (names.size > mostColumns || contributions.reduce((sum, { feature }) => sum + feature.length, 0) > mostNames)
    throw invalid('it has too many features, or their names are too long')
}

/** What is its own: its id and its numbers. Throws EXPLANATION_INVALID. */
export function checkNumbers({ explanationId, contributions }: MonitoredExplanation, quality: readonly number[]): void {
  if (explanationId === '') throw invalid('it has no explanationId')
  let sum = 0
  for (const { contribution } of contributions) sum += Math.abs(contribution)
  if (!(sum < mostContribution)) throw invalid('the sum of its contributions is not finite')
  if (quality.some(Number.isNaN)) throw invalid('its fidelity or an interval is no number')
}

function invalid(what: string): MonitoringError {
  return new MonitoringError('EXPLANATION_INVALID', `this cannot be watched: ${what}`)
}
