import type { FeatureValue, MonitoredKind } from '@raison/events'
import { createHash } from 'node:crypto'
import { baselineKeyOf } from '../baseline-key.ts'
import type { MonitoredExplanation } from '../monitored-explanation.ts'
import { MonitoringError } from '../monitoring-error.ts'
import { qualityNames, qualityOf } from '../quality.ts'
import { numberFor } from '../row.ts'
import { isMember, type SliceRule } from './settings.ts'

/** What one explanation adds to the windows of one baseline. */
export interface Observation {
  readonly baselineKey: string
  readonly kind: MonitoredKind
  readonly columns: readonly string[]
  /** A value per column; of an explanation the contribution per column, and then the value. */
  readonly row: readonly number[]
}

/**
 * Its contributions and values, unless it is degraded or cut to its reasons, and its quality in any case. Throws EXPLANATION_INVALID.
 */
export function observe(explanation: MonitoredExplanation): Observation[] {
  const { contributions, contributionsCut, quality } = explanation
  checkExplanation(explanation)
  const ofQuality = qualityOf(explanation).map((value) => Math.min(Math.max(value, -mostQuality), mostQuality))
  if (ofQuality.some(Number.isNaN)) throw invalid('its fidelity or an interval is no number')
  const observations: Observation[] = [
    { baselineKey: qualityKeyOf(explanation), kind: 'quality', columns: qualityNames, row: ofQuality },
  ]
  if (!quality.degraded && !contributionsCut)
    observations.unshift({
      baselineKey: baselineKeyOf(explanation),
      kind: 'contributions',
      columns: contributions.map(({ feature }) => feature),
      row: [
        ...contributions.map(({ contribution }) => contribution),
        ...contributions.map(({ value }) => numberFor(value)),
      ],
    })
  return observations
}

/**
 * How well the decisions of a model can be explained is one thing, whatever the method: its fall to another is drift. Intervals
 * of contributions that were cut are not seen, so those are another thing.
 */
function qualityKeyOf({ model, reference, space, contributionsCut }: MonitoredExplanation): string {
  const parts = ['quality', model.sha256, reference.sha256, space, contributionsCut]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The slices that it belongs to, as bits. */
export function membersOf({ contributions }: MonitoredExplanation, slices: readonly SliceRule[]): number {
  return slices.reduce((bits, rule, s) => {
    const value = valueOf(contributions, rule.feature)
    return value !== undefined && isMember(rule, value) ? bits | (1 << s) : bits
  }, 0)
}

function valueOf(contributions: MonitoredExplanation['contributions'], name: string): FeatureValue | undefined {
  for (const { feature, value } of contributions) {
    const grouped = typeof value === 'object' && value !== null
    if (grouped && Object.hasOwn(value, name)) return value[name]
    if (!grouped && feature === name) return value
  }
  return undefined
}

/** Of a model's name, and of all names of features: what every record of theirs must hold, far below the 1 MB that topics take. */
const [mostName, mostNames] = [1000, 100_000]
/** A baseline holds five histograms of each. */
const mostColumns = 500
/** Means and variances of what is larger would be infinite. */
const [mostContribution, mostQuality] = [1e150, 1e6]

function checkExplanation(explanation: MonitoredExplanation): void {
  const { explanationId, model, contributions, contributionsCut, quality } = explanation
  const names = new Set(contributions.map(({ feature }) => feature))
  if (explanationId === '') throw invalid('it has no explanationId')
  if (model.name === '' || model.name.length + model.version.length > mostName)
    throw invalid('its model has no name, or one that is too long')
  if (names.size < contributions.length) throw invalid('two contributions are of one feature')
  if (names.size === 0 && !contributionsCut && !quality.degraded) throw invalid('it has no contributions')
  if (names.size > mostColumns || contributions.reduce((sum, { feature }) => sum + feature.length, 0) > mostNames)
    throw invalid('it has too many features, or their names are too long')
  if (!(contributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0) < mostContribution))
    throw invalid('the sum of its contributions is not finite')
}

function invalid(what: string): MonitoringError {
  return new MonitoringError('EXPLANATION_INVALID', `this cannot be watched: ${what}`)
}
