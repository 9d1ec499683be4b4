import type { FeatureValue, MonitoredKind } from '@raison/events'
import { createHash } from 'node:crypto'
import { baselineKeyOf } from '../baseline-key.ts'
import { contributionsInto } from '../contributions.ts'
import type { MonitoredExplanation } from '../monitored-explanation.ts'
import { MonitoringError } from '../monitoring-error.ts'
import { qualityNames, qualityOf } from '../quality.ts'
import { isMember, type SliceRule } from './settings.ts'

/** What one explanation adds to the windows of one baseline. */
export interface Observation {
  readonly baselineKey: string
  readonly kind: MonitoredKind
  readonly columns: readonly string[]
  readonly row: Float64Array
}

/**
 * Its contributions, unless it is degraded or cut to its reasons, and its quality in any case. `columnsOf` answers the columns
 * that a baseline has already. Throws EXPLANATION_INVALID, FEATURES_MISMATCH.
 */
export function observe(
  explanation: MonitoredExplanation,
  columnsOf: (baselineKey: string) => readonly string[] | undefined,
): Observation[] {
  checkExplanation(explanation)
  const quality: Observation = {
    baselineKey: qualityKeyOf(explanation),
    kind: 'quality',
    columns: qualityNames,
    row: Float64Array.from(qualityOf(explanation)),
  }
  if (explanation.quality.degraded || explanation.contributionsCut) return [quality]
  const baselineKey = baselineKeyOf(explanation)
  const columns = columnsOf(baselineKey) ?? explanation.contributions.map(({ feature }) => feature)
  const row = new Float64Array(columns.length)
  contributionsInto(explanation, columns, row)
  return [{ baselineKey, kind: 'contributions', columns, row }, quality]
}

/** How well the decisions of a model can be explained is one thing, whatever the method: its fall to another is drift. */
function qualityKeyOf({ model, reference, space }: MonitoredExplanation): string {
  const parts = ['quality', model.sha256, reference.sha256, space]
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

function checkExplanation({ explanationId, model, contributions }: MonitoredExplanation): void {
  const wrong =
    explanationId === ''
      ? 'it has no explanationId'
      : model.name === ''
        ? 'its model has no name'
        : contributions.length === 0
          ? 'it has no contributions'
          : contributions.some(({ contribution }) => !Number.isFinite(contribution))
            ? 'a contribution is not finite'
            : new Set(contributions.map(({ feature }) => feature)).size < contributions.length
              ? 'two contributions are of one feature'
              : undefined
  if (wrong !== undefined) throw new MonitoringError('EXPLANATION_INVALID', `this cannot be watched: ${wrong}`)
}
