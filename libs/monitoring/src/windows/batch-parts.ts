import type { MonitoredExplanation } from '@raison/events'
import { numberFor } from '../row.ts'
import type { Series } from './families.ts'

/** Rows of one series in one window. */
export interface Part {
  readonly series: Pick<Series, 'id'>
  readonly window: number
  /** Doubles, little-endian, row-major. */
  readonly rows: Buffer
  readonly members: readonly number[]
  readonly decisionIds: readonly string[]
  /** Of decidedAt, milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

/** Of rows in one record, so that its size keeps far below the 1 MB that topics take. */
const mostBytes = 400_000

/** Ids of decisions are examples for people; longer ones are cut. */
const mostId = 200

export interface Counted {
  readonly series: Series
  readonly window: number
  readonly explanation: MonitoredExplanation
  /** In the order of `qualityNames`. */
  readonly quality: readonly number[]
  readonly decidedAt: number
  readonly members: number
}

interface OpenPart {
  readonly series: Series
  readonly window: number
  /** Longer than its rows are. */
  values: Float64Array
  filled: number
  readonly members: number[]
  readonly decisionIds: string[]
  bytes: number
  from: number
  until: number
  goesOn: boolean
}

/** What a batch adds to windows. */
export interface BatchParts {
  add(counted: Counted): void
  /** In the order of their first rows; `goesOn`: another one of the same series and window follows. */
  parts(): (Part & { readonly goesOn: boolean })[]
}

export function openBatch(): BatchParts {
  const all: OpenPart[] = []
  const newest = new Map<string, OpenPart>()

  function partFor({ series, window }: Counted): OpenPart {
    const part = newest.get(series.id)
    if (part !== undefined && part.window === window && part.bytes <= mostBytes) return part
    if (part !== undefined) part.goesOn = part.window === window
    const next = newPart(series, window)
    newest.set(series.id, next)
    all.push(next)
    return next
  }

  return {
    add(counted) {
      const part = partFor(counted)
      const decisionId = counted.explanation.decisionId.slice(0, mostId)
      const width = addRow(part, counted)
      part.members.push(counted.members)
      part.decisionIds.push(decisionId)
      part.bytes += 8 * width + Buffer.byteLength(decisionId) + 8
      part.from = Math.min(part.from, counted.decidedAt)
      part.until = Math.max(part.until, counted.decidedAt)
    },
    parts: () => all.map((part) => ({ ...part, rows: Buffer.from(part.values.buffer, 0, 8 * part.filled) })),
  }
}

function newPart(series: Series, window: number): OpenPart {
  const values = new Float64Array(firstRows * 2 * series.columns.length)
  const nothing = { members: [], decisionIds: [], bytes: 0, from: Infinity, until: -Infinity, goesOn: false }
  return { series, window, values, filled: 0, ...nothing }
}

const firstRows = 64

/** Of an explanation the contribution per column, and then the value; of its quality a value per column. Answers how many. */
function addRow(part: OpenPart, { series: { kind, from }, explanation, quality }: Counted): number {
  const n = from.length
  const width = kind === 'quality' ? n : 2 * n
  if (part.filled + width > part.values.length) part.values = doubled(part.values)
  const { values, filled } = part
  for (let column = 0; column < n; column++) {
    const place = from[column]!
    if (kind === 'quality') values[filled + column] = quality[place]!
    else {
      const { contribution, value } = explanation.contributions[place]!
      values[filled + column] = contribution
      values[filled + n + column] = numberFor(value)
    }
  }
  part.filled += width
  return width
}

function doubled(values: Float64Array): Float64Array {
  const larger = new Float64Array(2 * values.length)
  larger.set(values)
  return larger
}
