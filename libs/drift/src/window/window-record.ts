import { DriftError } from '../drift-error.ts'
import { binCount, binnedCount, watchedCount, type Scale } from '../statistics/scale.ts'
import { sketchValue } from '../statistics/sketch.ts'
import { statisticsOf, type Adverse, type StatisticName } from '../statistics/statistics.ts'
import { histogram, openWindow, setHistogram, type Window } from './window.ts'

/** A window as plain JSON-able data, exactly: only bins that are not empty. */
export interface WindowRecord {
  readonly explanations: number
  readonly statistics: readonly HistogramRecord[]
}

export type RecordedName = StatisticName | 'sketch'

export interface HistogramRecord {
  readonly feature: string
  /** `sketch`: the logarithmic bins of the contribution itself; any other: equal bins, of which an indicator has two, 0 and 1. */
  readonly statistic: RecordedName
  readonly low: number
  readonly high: number
  readonly binCount: number
  /** Ascending. */
  readonly bins: readonly number[]
  readonly counts: readonly number[]
}

export function writeWindow(window: Window): WindowRecord {
  const { features, adverse } = window.scale
  const statistics = recordedNames(adverse).flatMap((statistic, s) =>
    features.map((feature, i) => ({ feature, statistic, ...writeHistogram(window, s * features.length + i) })),
  )
  return { explanations: window.explanations, statistics }
}

/** The same window again. Throws WINDOW_INVALID for a record that no window of this scale can have written. */
export function readWindow(scale: Scale, record: WindowRecord): Window {
  const window = openWindow(scale)
  const histograms = new Map(record.statistics.map((entry) => [keyOf(entry.statistic, entry.feature), entry]))
  recordedNames(scale.adverse).forEach((statistic, s) =>
    scale.features.forEach((feature, i) => {
      const entry = histograms.get(keyOf(statistic, feature))
      const index = s * scale.features.length + i
      const { low, high, binCount } = binsOf(scale, index)
      if (entry === undefined || entry.low !== low || entry.high !== high || entry.binCount !== binCount)
        throw invalid(`no ${statistic} of "${feature}" between ${low} and ${high} in ${binCount} bins`)
      setHistogram(window, index, readHistogram(entry, record.explanations))
    }),
  )
  window.explanations = record.explanations
  return window
}

function recordedNames(adverse: Adverse | undefined): readonly RecordedName[] {
  return [...statisticsOf(adverse), 'sketch']
}

function writeHistogram(window: Window, index: number): Omit<HistogramRecord, 'feature' | 'statistic'> {
  const all = histogram(window, index)
  const bins: number[] = []
  for (let bin = 0; bin < all.length; bin++) if (all[bin]! > 0) bins.push(bin)
  return { ...binsOf(window.scale, index), bins, counts: bins.map((bin) => all[bin]!) }
}

function readHistogram(entry: HistogramRecord, explanations: number): Uint32Array {
  const into = new Uint32Array(entry.binCount)
  let sum = 0
  entry.bins.forEach((bin, k) => {
    const count = entry.counts[k] ?? NaN
    const unseen = into[bin] === 0
    into[bin] = count
    // Unequal also for a count that is no whole number within 32 bits; no bin beyond the last is ever 0.
    if (!unseen || into[bin] !== count) throw invalid(`count ${entry.counts[k]} in bin ${bin}`)
    sum += into[bin]!
  })
  if (sum !== explanations)
    throw invalid(`${entry.statistic} of "${entry.feature}" counts ${sum} of ${explanations} explanations`)
  return into
}

function binsOf(scale: Scale, index: number): Pick<HistogramRecord, 'low' | 'high' | 'binCount'> {
  if (index < binnedCount(scale)) return { low: scale.low[index]!, high: scale.high[index]!, binCount }
  if (index < watchedCount(scale)) return { low: 0, high: 1, binCount: 2 }
  return { low: sketchValue(1, scale.resolution), high: sketchValue(binCount - 1, scale.resolution), binCount }
}

const keyOf = (statistic: string, feature: string): string => `${statistic} ${feature}`

function invalid(what: string): DriftError {
  return new DriftError(
    'WINDOW_INVALID',
    `this is no window of this baseline: ${what}; count it again from the explanations`,
  )
}
