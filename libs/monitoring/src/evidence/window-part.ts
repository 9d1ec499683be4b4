import { deserialize, serialize } from 'node:v8'
import type { WindowRows } from '@raison/events'

/** What one partition has contributed to a window at a time. */
export interface WindowPart {
  readonly partition: number
  /** Row-major, as `WindowRows` has them. */
  readonly values: Float64Array
  readonly members: readonly number[]
  readonly decisionIds: readonly string[]
  readonly from: string
  readonly until: string
}

/** With its values in the order of `columns`. */
export function toPart(rows: WindowRows, columns: readonly string[]): WindowPart {
  const { partition, members, decisionIds, from, until } = rows
  return { partition, values: valuesOf(rows, columns), members, decisionIds, from, until }
}

export function writePart(part: WindowPart): Buffer {
  return serialize(part)
}

export function readPart(bytes: Buffer): WindowPart {
  return deserialize(bytes) as WindowPart
}

/** The buffer need not begin where doubles may: its bytes are copied. */
function valuesOf({ rows, columns: given }: WindowRows, columns: readonly string[]): Float64Array {
  const values = new Float64Array(rows.length / 8)
  new Uint8Array(values.buffer).set(rows)
  if (columns.every((name, i) => name === given[i])) return values
  const from = columns.map((name) => given.indexOf(name))
  return Float64Array.from(values, (_, at) => {
    const column = at % columns.length
    return values[at - column + from[column]!]!
  })
}

/** All that counts in one window, in an order that depends on the partitions alone. */
export interface WholeWindow {
  readonly values: Float64Array
  readonly members: readonly number[]
  readonly decisionIds: readonly string[]
  readonly from: string
  readonly until: string
}

/** Parts of one partition keep their order. ISO times sort as texts. */
export function joinParts(parts: readonly WindowPart[]): WholeWindow {
  const inOrder = parts.toSorted((one, other) => one.partition - other.partition)
  const timed = inOrder.filter(({ from }) => from !== '')
  return {
    values: joinValues(inOrder.map(({ values }) => values)),
    members: inOrder.flatMap(({ members }) => members),
    decisionIds: inOrder.flatMap(({ decisionIds }) => decisionIds),
    from: timed.map(({ from }) => from).sort()[0] ?? '',
    until:
      timed
        .map(({ until }) => until)
        .sort()
        .at(-1) ?? '',
  }
}

export function joinValues(pieces: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

/** The rows of a window that belong to slice number `slice`; all for undefined. */
export function rowsOfSlice(window: WholeWindow, slice: number | undefined): WholeWindow {
  if (slice === undefined) return window
  const rows = window.members.flatMap((bits, row) => ((bits >>> slice) & 1 ? [row] : []))
  const width = window.members.length === 0 ? 0 : window.values.length / window.members.length
  return {
    ...window,
    values: joinValues(rows.map((row) => window.values.subarray(row * width, (row + 1) * width))),
    members: rows.map((row) => window.members[row]!),
    decisionIds: rows.map((row) => window.decisionIds[row]!),
  }
}
