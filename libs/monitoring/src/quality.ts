import { createHash } from 'node:crypto'
import { fitValueBaseline, type Baseline, type ValueReference } from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'

/** How well a decision could be explained, as plain values in which 1 is a large change: the drift of quality. */
export const qualityNames = ['fidelity', 'interval-width', 'degraded', 'review'] as const

type QualityName = (typeof qualityNames)[number]

/** A change of a mean that is too little to matter. */
const tolerances: Readonly<Record<QualityName, number>> = {
  fidelity: 0.01,
  'interval-width': 0.02,
  degraded: 0.01,
  review: 0.02,
}

/** What is watched under one promise, as `fitValueBaseline` takes it. */
type Together = Pick<ValueReference, 'slices' | 'besides'>

/** The baseline of quality, one row of values per explanation, in the order of `names`. Throws as `fitValueBaseline`. */
export function fitQuality(names: readonly string[], values: Float64Array, together: Together): Baseline {
  const ofNames = names.map((name) => tolerances[name as QualityName])
  return fitValueBaseline({ names, values, tolerances: ofNames, ...together })
}

/** Beside contributions that are next to nothing an interval is wider than any number. */
const widest = 1e6

/** The values of one explanation, in the order of `qualityNames`. */
export function qualityOf({ status, contributions, quality }: MonitoredExplanation): number[] {
  const total = contributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0)
  const width = contributions.reduce((sum, { interval }) => sum + (interval ? interval.high - interval.low : 0), 0) / 2
  return [
    quality.surrogateFidelity ?? 1,
    total > 0 ? Math.min(width / total, widest) : 0,
    quality.degraded ? 1 : 0,
    status === 'REVIEW_REQUIRED' ? 1 : 0,
  ]
}

/**
 * How well the decisions of a model can be explained is one thing, whatever the method: its fall to another is drift. Intervals
 * of contributions that were cut are not seen, so those are another thing.
 */
export function qualityKeyOf({ model, reference, space, contributionsCut }: MonitoredExplanation): string {
  const parts = ['quality', model.sha256, reference.sha256, space, contributionsCut]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
