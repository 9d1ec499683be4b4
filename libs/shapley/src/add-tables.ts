import { numbersPerTest, type TreeTables } from './tree-tables.ts'

/** Rows that go through the tables together: many, because each table is then fetched from memory once for all of them. */
export const chunkRows = 256

/** Below this many rows the loops over rows cost more than they save. */
const fewRows = 3

export interface TableScratch {
  /** Of a whole chunk, pattern by pattern, and of a single row. */
  readonly patterns: Int32Array
  readonly rowPatterns: Int32Array
  readonly offsets: Int32Array
}

export function createTableScratch({ patternCount }: TreeTables): TableScratch {
  return {
    patterns: new Int32Array(patternCount * chunkRows),
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
  if (size < fewRows) for (let row = 0; row < size; row++) addRow(tables, ranks, row, scratch.rowPatterns, totals)
  else addRows(tables, ranks, size, scratch, totals)
}

/** Table by table with the rows innermost: no step waits for the one before it. */
function addRows(
  tables: TreeTables,
  ranks: Int32Array,
  size: number,
  { patterns, offsets }: TableScratch,
  totals: Float64Array,
): void {
  const { testsEnd, pattern, tableStart, playersStart, players, entries } = tables
  for (let t = 0, test = 0; t < tables.count; t++) {
    runTests(tables.tests, test, testsEnd[t]!, ranks, size, patterns)
    test = testsEnd[t]!
    const firstPlayer = playersStart[t]!
    const width = playersStart[t + 1]! - firstPlayer
    const patternStart = pattern[t]! * chunkRows
    const tableFirst = tableStart[t]!
    for (let r = 0; r < size; r++) offsets[r] = tableFirst + patterns[patternStart + r]! * width
    for (let j = 0; j < width; j++) addColumn(entries, offsets, j, size, totals, players[firstPlayer + j]! * chunkRows)
  }
}

function runTests(
  tests: Int32Array,
  first: number,
  end: number,
  ranks: Int32Array,
  size: number,
  patterns: Int32Array,
): void {
  for (let test = first; test < end; test += numbersPerTest) {
    const source = tests[test]! * chunkRows
    const target = tests[test + 1]! * chunkRows
    const column = tests[test + 2]! * chunkRows
    const limit = tests[test + 3]!
    const bit = tests[test + 4]!
    const flip = tests[test + 5]!
    // (rank − limit) >> 31 is all ones when rank < limit: a comparison without a branch to mispredict.
    for (let r = 0; r < size; r++)
      patterns[target + r] = patterns[source + r]! | ((((ranks[column + r]! - limit) >> 31) & bit) ^ flip)
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
