import { padded, type Table } from '../windows/table.ts'
import { joinValues } from './window-part.ts'

/** The rows that a baseline is being learned from: they lie in the table alone. */
export interface LearnedRows {
  /** Those of a window. */
  add(number: number, values: Float64Array): void
  /** All, in the order of their windows. */
  join(): Float64Array
  forget(): void
}

/** Of rows in one record: half a megabyte. */
const pieceValues = 62_500

/** `id`: of the watch, in the table. */
export function openLearnedRows(table: Table, id: string): LearnedRows {
  const prefix = `learned/${id}/`
  const pieces = (): string[] => table.keys().filter((key) => key.startsWith(prefix))
  return {
    add(number, values) {
      for (let first = 0; first < values.length; first += pieceValues) {
        const piece = values.slice(first, first + pieceValues)
        table.set(`${prefix}${padded(number)}/${padded(first)}`, Buffer.from(piece.buffer))
      }
    },
    join: () => joinValues(pieces().map((key) => doublesOf(table.get(key)!))),
    forget() {
      for (const key of pieces()) table.delete(key)
    },
  }
}

function doublesOf(bytes: Buffer): Float64Array {
  const values = new Float64Array(bytes.length / 8)
  new Uint8Array(values.buffer).set(bytes)
  return values
}
