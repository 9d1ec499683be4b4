import type { MonitoredExplanation } from '@raison/events'

/** How well a decision could be explained, as plain values in which 1 is a large change: the drift of quality. */
export const qualityNames = ['fidelity', 'interval-width', 'degraded', 'review'] as const

/** A change of a mean that is too little to matter, in the same order. */
export const qualityTolerances: readonly number[] = [0.01, 0.02, 0.01, 0.02]

/** The values of one explanation, in the order of `qualityNames`. */
export function qualityOf({ status, contributions, quality }: MonitoredExplanation): number[] {
  const total = contributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0)
  const width = contributions.reduce((sum, { interval }) => sum + (interval ? interval.high - interval.low : 0), 0) / 2
  return [
    quality.surrogateFidelity ?? 1,
    total > 0 ? width / total : 0,
    quality.degraded ? 1 : 0,
    status === 'REVIEW_REQUIRED' ? 1 : 0,
  ]
}
