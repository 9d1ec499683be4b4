import { DriftError } from '../drift-error.ts'
import { isAmongHighest, isAmongLowest, sameValue } from '../statistics/landmarks.ts'
import { binCount, binnedCount, sameScale, watchedCount, type Scale } from '../statistics/scale.ts'
import { sketchBin } from '../statistics/sketch.ts'
import { rowWidth, topCount, topFourInto, totalOf, type Adverse } from '../statistics/statistics.ts'

/**
 * What was counted of the explanations of one window, or of one partition's part of it. Nothing but whole numbers: parts
 * add up to the same window in any order and any grouping.
 */
export interface Window {
  readonly scale: Scale
  /** Explanations counted; at most `mostExplanations`. */
  explanations: number
  /**
   * Histograms of `binCount` bins: share and signed share, or the plain value, then the sketch of the contribution, of every
   * feature. Then how often it was so: top-four, usual value, lowest tenth, highest tenth, of every feature.
   */
  readonly counts: Uint32Array
}

export const mostExplanations: number = 2 ** 32 - 1

export function openWindow(scale: Scale): Window {
  const indicators = watchedCount(scale) - binnedCount(scale)
  return { scale, explanations: 0, counts: new Uint32Array(firstOfIndicators(scale) + indicators) }
}

/**
 * Counts one explanation, or plain values where the scale has no adverse side: row `row` of row-major `rows`, `rowWidth`
 * numbers. Allocates nothing. Throws SHAPE_MISMATCH, CONTRIBUTION_NOT_FINITE or WINDOW_FULL, and has then counted nothing.
 */
export function update(window: Window, rows: Float64Array, row = 0): void {
  const { features, adverse } = window.scale
  const width = rowWidth(features.length, adverse)
  const from = row * width
  if (rows.length < from + width) throw shapeMismatch(rows, row, width)
  const total = totalOf(rows, from, features)
  makeRoom(window.explanations + 1)
  if (adverse === undefined) countValues(window, rows, from)
  else countExplanation(window, rows, from, total, adverse)
  window.explanations++
}

/** The window that counts what all of them counted. Throws WINDOW_MISMATCH when they are not of one scale, WINDOW_FULL. */
export function merge(first: Window, ...rest: readonly Window[]): Window {
  const merged = { scale: first.scale, explanations: first.explanations, counts: first.counts.slice() }
  for (const { scale, explanations, counts } of rest) {
    if (!sameScale(merged.scale, scale))
      throw new DriftError(
        'WINDOW_MISMATCH',
        'windows of different baselines cannot be added up: merge by baseline key',
      )
    makeRoom((merged.explanations += explanations))
    for (let k = 0; k < counts.length; k++) merged.counts[k]! += counts[k]!
  }
  return merged
}

/**
 * The counts of statistic s of feature i, number s·features.length + i: in bins, or how often it was not so and was so. The
 * sketch of feature i is number watchedCount + i.
 */
export function histogram({ scale, explanations, counts }: Window, index: number): Uint32Array {
  const place = placeOf(scale, index)
  if (place < firstOfIndicators(scale)) return counts.subarray(place, place + binCount)
  return Uint32Array.of(explanations - counts[place]!, counts[place]!)
}

/** The inverse of `histogram`, for a window that is read. */
export function setHistogram({ scale, counts }: Window, index: number, histogram: Uint32Array): void {
  const place = placeOf(scale, index)
  if (place < firstOfIndicators(scale)) counts.set(histogram, place)
  else counts[place] = histogram[1]!
}

/** Where the counts of a statistic, or of a sketch, begin. */
function placeOf(scale: Scale, index: number): number {
  const [binned, watched] = [binnedCount(scale), watchedCount(scale)]
  if (index >= watched) return (binned + index - watched) * binCount
  return index < binned ? index * binCount : firstOfIndicators(scale) + index - binned
}

/** Where in the counts those begin that say how often something was so. */
export function firstOfIndicators(scale: Scale): number {
  return (binnedCount(scale) + scale.features.length) * binCount
}

const top = new Int32Array(topCount)

function countExplanation(
  { scale, counts }: Window,
  rows: Float64Array,
  from: number,
  total: number,
  adverse: Adverse,
): void {
  const { low, high, usual, lowest, highest, resolution } = scale
  const n = scale.features.length
  const [topFour, first] = [firstOfIndicators(scale), from + n]
  for (let i = 0; i < n; i++) {
    const contribution = rows[from + i]!
    const signed = total > 0 ? contribution / total : 0
    counts[binCount * i + binOf(Math.abs(signed), low[i]!, high[i]!)]!++
    counts[binCount * (n + i) + binOf(signed, low[n + i]!, high[n + i]!)]!++
    counts[binCount * (2 * n + i) + sketchBin(contribution, resolution)]!++
  }
  for (let i = 0; i < n; i++) {
    const value = rows[first + i]!
    if (sameValue(value, usual[i]!)) counts[topFour + n + i]!++
    if (isAmongLowest(value, lowest[i]!)) counts[topFour + 2 * n + i]!++
    if (isAmongHighest(value, highest[i]!)) counts[topFour + 3 * n + i]!++
  }
  const found = topFourInto(rows, from, n, adverse, top)
  for (let t = 0; t < found; t++) counts[topFour + top[t]!]!++
}

function countValues({ scale, counts }: Window, values: Float64Array, from: number): void {
  const { low, high, resolution } = scale
  const n = scale.features.length
  for (let i = 0; i < n; i++) {
    const value = values[from + i]!
    counts[binCount * i + binOf(value, low[i]!, high[i]!)]!++
    counts[binCount * (n + i) + sketchBin(value, resolution)]!++
  }
}

function binOf(value: number, low: number, high: number): number {
  const bin = ((value - low) * binCount) / (high - low)
  return bin > 0 ? (bin < binCount ? bin | 0 : binCount - 1) : 0
}

function makeRoom(explanations: number): void {
  if (explanations > mostExplanations)
    throw new DriftError('WINDOW_FULL', `a window counts at most ${mostExplanations} explanations: close it earlier`)
}

function shapeMismatch(rows: Float64Array, row: number, width: number): DriftError {
  return new DriftError(
    'SHAPE_MISMATCH',
    `row ${row} of ${width} numbers is beyond the ${rows.length} given: pass of each feature its contribution, then of each its value`,
  )
}
