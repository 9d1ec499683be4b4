import type { BinnedRows } from './bin-rows.ts'
import type { Split } from './find-split.ts'

/** Places `first` … `end − 1` of a list. */
export interface Range {
  readonly first: number
  readonly end: number
}

export interface MovedRows {
  readonly binned: BinnedRows
  readonly rows: Int32Array
  /** Scratch, as long as `rows`. */
  readonly rowsRight: Int32Array
  /** By code: 1 where the split being made sends it left. */
  readonly goesLeft: Uint8Array
}

export function sizeOf({ first, end }: Range): number {
  return end - first
}

export function markSides({ goesLeft, binned }: MovedRows, { feature, bin, missingLeft }: Split): void {
  goesLeft.fill(1, 0, bin + 1).fill(0, bin + 1)
  goesLeft[binned.cuts[feature]!.length] = missingLeft ? 1 : 0
}

/** Moves the rows that go left before those that go right; both keep their order, so that memory is read forwards. */
export function partitionRows(moved: MovedRows, feature: number, { first, end }: Range): [Range, Range] {
  const { rows, rowsRight, goesLeft } = moved
  const { words, rowCount } = moved.binned
  const block = (feature >> 2) * rowCount
  const shift = 8 * (feature & 3)
  let left = first
  let right = 0
  // Every row is written to both sides and one of them counts: no branch to mispredict.
  for (let i = first; i < end; i++) {
    const row = rows[i]!
    const isLeft = goesLeft[(words[block + row]! >>> shift) & 255]!
    rows[left] = row
    rowsRight[right] = row
    left += isLeft
    right += 1 - isLeft
  }
  rows.set(rowsRight.subarray(0, right), left)
  return [
    { first, end: left },
    { first: left, end },
  ]
}
