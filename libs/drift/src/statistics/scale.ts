import { sameValue, statisticsOf, type Adverse } from './statistics.ts'

/** Equal bins of every statistic between its low and its high. */
export const binCount = 1024

/**
 * Where each statistic of each feature is counted, fixed when the baseline is fitted: windows of one scale can be added up.
 * Arrays are statistic-major: statistic s of feature i at s·features.length + i.
 */
export interface Scale {
  readonly features: readonly string[]
  /** Undefined: the features are plain values, not contributions. */
  readonly adverse: Adverse | undefined
  /** Lower edge of the first bin; smaller values are counted in it. */
  readonly low: Float64Array
  /** Upper edge of the last bin; larger values are counted in it. */
  readonly high: Float64Array
  /** Of every feature the value that is most frequent in the reference; none where plain values are watched. */
  readonly usual: Float64Array
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
      one.usual.every((value, i) => sameValue(value, other.usual[i]!)) &&
      one.low.every((low, j) => low === other.low[j] && one.high[j] === other.high[j]))
  )
}

/** Number of histograms that are bet on: one per statistic and feature. */
export function watchedCount({ features, adverse }: Pick<Scale, 'features' | 'adverse'>): number {
  return statisticsOf(adverse).length * features.length
}
