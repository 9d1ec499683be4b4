import type { MonitoredExplanation } from '@raison/events'
import { addToParts, newParts, type Part, type Parts } from './slices.ts'

/** Rows of one width, with room for more, and which of them have which value. */
export interface Rows {
  readonly width: number
  values: Float64Array
  count: number
  readonly parts: Parts
}

const firstRows = 1024

export function newRows(width: number, sliceBy: readonly string[]): Rows {
  return { width, values: new Float64Array(firstRows * width), count: 0, parts: newParts(sliceBy) }
}

export function addRow(rows: Rows, explanation: MonitoredExplanation, fill: (row: Float64Array) => void): void {
  const { width, values, count, parts } = rows
  const end = (count + 1) * width
  if (end > values.length) {
    rows.values = new Float64Array(2 * values.length)
    rows.values.set(values)
  }
  fill(rows.values.subarray(end - width, end))
  addToParts(parts, explanation, count)
  rows.count++
}

/** Of all rows, or of those of one slice. */
export function valuesOf(
  { width, values, count, parts }: Rows,
  slice?: Pick<Part, 'feature' | 'equals'>,
): Float64Array {
  if (slice === undefined) return values.subarray(0, count * width)
  const numbers = parts.get(slice.feature)?.get(slice.equals) ?? []
  const gathered = new Float64Array(numbers.length * width)
  numbers.forEach((row, k) => gathered.set(values.subarray(row * width, (row + 1) * width), k * width))
  return gathered
}
