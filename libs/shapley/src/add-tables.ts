import type { NodeTests } from './node-tests.ts'
import { numbersPerTest, type TreeTables } from './tree-tables.ts'

/** Rows that go through the tables together: many, because each table is then fetched from memory once for all of them. */
export const chunkRows = 256
const chunkPairs = chunkRows / 2

/** Below this many rows the loops over rows cost more than they save. */
const fewRows = 3

/** Ranks below this leave the sign of their 16 bits free, and so do the indices of all tables. */
const mostRanks = 2 ** 15

export interface TableScratch {
  /** Of a whole chunk, pattern by pattern, two rows to a number, and the same 16 bits row by row. */
  readonly patternPairs: Int32Array
  readonly patterns: Uint16Array
  /** The ranks of a whole chunk likewise; empty where a feature has so many thresholds that 16 bits do not hold them. */
  readonly rankPairs: Int32Array
  /** Of a single row. */
  readonly rowPatterns: Int32Array
  readonly offsets: Int32Array
}

export function createTableScratch({ patternCount }: TreeTables, { columnCount, thresholds }: NodeTests): TableScratch {
  const patternPairs = new Int32Array(patternCount * chunkPairs)
  const fits = thresholds.every(({ length }) => length < mostRanks)
  return {
    patternPairs,
    patterns: new Uint16Array(patternPairs.buffer),
    rankPairs: new Int32Array(fits ? columnCount * chunkPairs : 0),
    rowPatterns: new Int32Array(patternCount),
    offsets: new Int32Array(chunkRows),
  }
}

/**
 * Adds the tables' contributions of rows 0 … size − 1 to `totals`. `ranks` and `totals` hold one column after the other,
 * `chunkRows` apart. A row's sum is built in the order of the tables whatever its company, so its bytes do not depend on it.
 */
export function addTables(
  tables: TreeTables,
  ranks: Int32Array,
  size: number,
  scratch: TableScratch,
  totals: Float64Array,
): void {
  if (size < fewRows || scratch.rankPairs.length === 0)
    for (let row = 0; row < size; row++) addRow(tables, ranks, row, scratch.rowPatterns, totals)
  else addRows(tables, ranks, size, scratch, totals)
}

/** Table by table with the rows innermost: no step waits for the one before it. */
function addRows(
  tables: TreeTables,
  ranks: Int32Array,
  size: number,
  { patternPairs, patterns, rankPairs, offsets }: TableScratch,
  totals: Float64Array,
): void {
  const { testsEnd, pattern, tableStart, playersStart, players, entries } = tables
  const pairs = (size + 1) >> 1
  pairInto(ranks, pairs, rankPairs)
  for (let t = 0, test = 0; t < tables.count; t++) {
    runTests(tables.tests, test, testsEnd[t]!, rankPairs, pairs, patternPairs)
    test = testsEnd[t]!
    const firstPlayer = playersStart[t]!
    const width = playersStart[t + 1]! - firstPlayer
    const patternStart = pattern[t]! * chunkRows
    const tableFirst = tableStart[t]!
    for (let r = 0; r < size; r++) offsets[r] = tableFirst + patterns[patternStart + r]! * width
    for (let j = 0; j < width; j++) addColumn(entries, offsets, j, size, totals, players[firstPlayer + j]! * chunkRows)
  }
}

/** The even row of a pair has its low half; a last row without a second one is paired with what lies behind it. */
function pairInto(ranks: Int32Array, pairs: number, rankPairs: Int32Array): void {
  for (let start = 0; start < rankPairs.length; start += chunkPairs)
    for (let i = start; i < start + pairs; i++) rankPairs[i] = ranks[2 * i]! | (ranks[2 * i + 1]! << 16)
}

/** A number in both halves of a pair. */
const twice = 0x10001
const signs = 0x8000 * twice

function runTests(
  tests: Int32Array,
  first: number,
  end: number,
  rankPairs: Int32Array,
  pairs: number,
  patternPairs: Int32Array,
): void {
  for (let test = first; test < end; test += numbersPerTest) {
    const source = tests[test]! * chunkPairs
    const target = tests[test + 1]! * chunkPairs
    const column = tests[test + 2]! * chunkPairs
    const limit = tests[test + 3]! * twice
    const bit = tests[test + 4]!
    const flip = (tests[test + 5]! ^ bit) * twice
    const shift = Math.clz32(bit) - 16
    // The sign that is put into each half outlives the subtraction when rank >= limit, and goes where the bit belongs: a
    // comparison of two rows at once, without a branch to mispredict.
    for (let i = 0; i < pairs; i++)
      patternPairs[target + i] =
        patternPairs[source + i]! | (((((rankPairs[column + i]! | signs) - limit) & signs) >>> shift) ^ flip)
  }
}

function addColumn(
  entries: Float64Array,
  offsets: Int32Array,
  column: number,
  size: number,
  totals: Float64Array,
  totalsStart: number,
): void {
  for (let r = 0; r < size; r++) totals[totalsStart + r]! += entries[offsets[r]! + column]!
}

/** The same for one row. */
function addRow(tables: TreeTables, ranks: Int32Array, row: number, patterns: Int32Array, totals: Float64Array): void {
  const { tests, testsEnd, pattern, tableStart, playersStart, players, entries } = tables
  for (let t = 0, test = 0; t < tables.count; t++) {
    for (const end = testsEnd[t]!; test < end; test += numbersPerTest) {
      const below = (ranks[tests[test + 2]! * chunkRows + row]! - tests[test + 3]!) >> 31
      patterns[tests[test + 1]!] = patterns[tests[test]!]! | ((below & tests[test + 4]!) ^ tests[test + 5]!)
    }
    const playersEnd = playersStart[t + 1]!
    let j = playersStart[t]!
    let entry = tableStart[t]! + patterns[pattern[t]!]! * (playersEnd - j)
    for (; j < playersEnd; j++) totals[players[j]! * chunkRows + row]! += entries[entry++]!
  }
}
