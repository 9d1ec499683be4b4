import { DriftError } from '../drift-error.ts'
import { binCount, watchedCount, type Scale } from '../statistics/scale.ts'
import { sketchValue } from '../statistics/sketch.ts'
import { statisticsOf, type Adverse, type StatisticName } from '../statistics/statistics.ts'
import { histogram, openWindow, type Window } from './window.ts'

/** A window as plain JSON-able data, exactly: only bins that are not empty. */
export interface WindowRecord {
  readonly explanations: number
  readonly statistics: readonly HistogramRecord[]
}

export type RecordedName = StatisticName | 'sketch'

export interface HistogramRecord {
  readonly feature: string
  /** `sketch`: the logarithmic bins of the contribution itself; any other: equal bins. */
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
      const [low, high] = rangeOf(scale, index)
      if (entry === undefined || entry.low !== low || entry.high !== high || entry.binCount !== binCount)
        throw invalid(`no ${statistic} of "${feature}" between ${low} and ${high} in ${binCount} bins`)
      readHistogram(entry, record.explanations, histogram(window, index))
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
  for (let bin = 0; bin < binCount; bin++) if (all[bin]! > 0) bins.push(bin)
  const [low, high] = rangeOf(window.scale, index)
  return { low, high, binCount, bins, counts: bins.map((bin) => all[bin]!) }
}

function readHistogram(entry: HistogramRecord, explanations: number, into: Uint32Array): void {
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
}

function rangeOf(scale: Scale, index: number): readonly [low: number, high: number] {
  if (index < watchedCount(scale)) return [scale.low[index]!, scale.high[index]!]
  return [sketchValue(1, scale.resolution), sketchValue(binCount - 1, scale.resolution)]
}

const keyOf = (statistic: string, feature: string): string => `${statistic} ${feature}`

function invalid(what: string): DriftError {
  return new DriftError(
    'WINDOW_INVALID',
    `this is no window of this baseline: ${what}; count it again from the explanations`,
  )
}
