import { sameValue, type Landmarks } from './landmarks.ts'
import { binnedStatistics, statisticsOf, type Adverse } from './statistics.ts'

/** Equal bins of every statistic that is a share or a value, between its low and its high. */
export const binCount = 1024

/** Where each statistic of each feature is counted, fixed when the baseline is fitted: windows of one scale can be added up. */
export interface Scale extends Landmarks {
  readonly features: readonly string[]
  /** Undefined: the features are plain values, not contributions. */
  readonly adverse: Adverse | undefined
  /**
   * Lower edge of the first bin; smaller values are counted in it. Statistic-major: statistic s of feature i at
   * s·features.length + i. Those that are only so or not so (from `binnedStatistics` on) come last and have no bins.
   */
  readonly low: Float64Array
  /** Upper edge of the last bin; larger values are counted in it. */
  readonly high: Float64Array
  /** Contributions up to this count as zero in the sketch. */
  readonly resolution: number
}

export function sameScale(one: Scale, other: Scale): boolean {
  return (
    one === other ||
    (one.adverse === other.adverse &&
      one.resolution === other.resolution &&
      one.features.length === other.features.length &&
      one.features.every((feature, i) => feature === other.features[i]) &&
      sameValues(one.usual, other.usual) &&
      sameValues(one.lowest, other.lowest) &&
      sameValues(one.highest, other.highest) &&
      one.low.every((low, j) => low === other.low[j] && one.high[j] === other.high[j]))
  )
}

function sameValues(some: Float64Array, others: Float64Array): boolean {
  return some.length === others.length && some.every((value, i) => sameValue(value, others[i]!))
}

/** Number of statistics that are bet on: each of every feature. */
export function watchedCount({ features, adverse }: Pick<Scale, 'features' | 'adverse'>): number {
  return statisticsOf(adverse).length * features.length
}

/** Those of them that are counted in bins, the first ones. */
export function binnedCount({ features, adverse }: Pick<Scale, 'features' | 'adverse'>): number {
  return binnedStatistics(adverse) * features.length
}
