import type { FeatureValue, MonitoredExplanation } from '@raison/events'

/** A part of the decisions that is watched by itself: a segment, a channel, a protected group. */
export interface SliceRule {
  readonly name: string
  readonly feature: string
  readonly equals?: FeatureValue | undefined
  readonly below?: number | undefined
  readonly atLeast?: number | undefined
}

/** Members of a slice are bits of a 32-bit integer. */
export const mostSlices = 31

function isMember({ equals, below, atLeast }: SliceRule, value: FeatureValue): boolean {
  if (equals !== undefined) return value === equals
  if (typeof value !== 'number') return false
  return (below === undefined || value < below) && (atLeast === undefined || value >= atLeast)
}

/** Whether it belongs to a slice. */
export function isIn(rule: SliceRule, { contributions }: MonitoredExplanation): boolean {
  const value = findValue(contributions, rule.feature)
  return value !== undefined && isMember(rule, value)
}

/** The slices that it belongs to, as bits. */
export function membersOf(explanation: MonitoredExplanation, slices: readonly SliceRule[]): number {
  return slices.reduce((bits, rule, s) => (isIn(rule, explanation) ? bits | (1 << s) : bits), 0)
}

/** Of a feature, by itself or in a group: null where it is missing, undefined where there is none of this name. */
export function findValue(
  contributions: MonitoredExplanation['contributions'],
  name: string,
): FeatureValue | undefined {
  for (const { feature, value } of contributions) {
    const grouped = typeof value === 'object' && value !== null
    if (grouped && Object.hasOwn(value, name)) return value[name]
    if (!grouped && feature === name) return value
  }
  return undefined
}

/** Names of all that has a value: a group has them for its features. */
export function valuedFeatures(contributions: MonitoredExplanation['contributions']): string[] {
  return contributions.flatMap(({ feature, value }) =>
    typeof value === 'object' && value !== null ? Object.keys(value) : [feature],
  )
}
