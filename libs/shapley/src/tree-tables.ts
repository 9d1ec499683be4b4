import { leafTableInto } from './leaf-table.ts'
import { shapleyWeights } from './shapley-weights.ts'
import { follow, playerAt, type Condition, type PreparedGame, type TreePath } from './tree-path.ts'

/**
 * Lookup tables and the tests that index them, in the order the kernel runs them.
 *
 * Each table serves the leaves below one node. Its index has a bit per player on the path to that node, set when the row
 * violates one of the player's conditions, then a bit per node below, set when the row goes left. Its rows hold the summed
 * contributions of those leaves, one per player.
 */
export interface TreeTables {
  /**
   * Six numbers each: source, target, column, limit, bit, flip. A test sets
   * `patterns[target] = patterns[source] | ((rank in column < limit ? bit : 0) ^ flip)`; pattern 0 is always 0.
   */
  readonly tests: Int32Array
  readonly patternCount: number
  readonly count: number
  /** Where in `tests` those end that come before each lookup. */
  readonly testsEnd: Int32Array
  /** Which pattern indexes each table. */
  readonly pattern: Int32Array
  readonly tableStart: Int32Array
  /** `players[playersStart[t]]` … `players[playersStart[t + 1] − 1]` are the columns of table t. */
  readonly playersStart: Int32Array
  readonly players: Int32Array
  /** Float64, so that a sum over thousands of tables stays exact to the last digits whatever the size of the leaves. */
  readonly entries: Float64Array
}

export const numbersPerTest = 6

export interface TableBuilder {
  readonly tests: number[]
  readonly testsEnd: number[]
  readonly pattern: number[]
  readonly tables: Float64Array[]
  readonly players: number[][]
  readonly weights: Float64Array
  /** Pattern d holds the first d conditions of the current path for every d up to this. */
  validPatterns: number
  /** Scratch: violated sets of the background rows, their shares, and the table of one leaf. */
  readonly violated: Int32Array
  readonly share: Float64Array
  readonly leafTable: Float64Array
}

export function createTableBuilder(rowCount: number, widest: number): TableBuilder {
  return {
    tests: [],
    testsEnd: [],
    pattern: [],
    tables: [],
    players: [],
    weights: shapleyWeights(widest),
    validPatterns: 0,
    violated: new Int32Array(rowCount),
    share: new Float64Array(2 ** widest),
    leafTable: new Float64Array(2 ** widest * widest),
  }
}

/** Adds the table of all leaves below `top`, where `path` leads. */
export function addTable(builder: TableBuilder, game: PreparedGame, top: number, path: TreePath): void {
  const inner = innerNodesBelow(game, top)
  const columns = [...new Set([...path.players, ...inner.map((node) => playerAt(game, node))])]
  if (columns.length === 0) return

  addTests(builder, game, inner, path)
  const table = new Float64Array(2 ** (path.players.length + inner.length) * columns.length)
  addLeaves(builder, game, top, path, { columns, table })
  builder.testsEnd.push(builder.tests.length)
  builder.pattern.push(path.conditions.length + (inner.length > 0 ? 1 : 0))
  builder.tables.push(table)
  builder.players.push(columns)
}

export function finishTables({ tests, testsEnd, pattern, tables, players }: TableBuilder): TreeTables {
  const tableStart = offsetsOf(tables)
  const entries = new Float64Array(tableStart[tables.length]!)
  tables.forEach((table, t) => entries.set(table, tableStart[t]!))
  return {
    tests: Int32Array.from(tests),
    patternCount: 1 + pattern.reduce((most, index) => Math.max(most, index), 0),
    count: tables.length,
    testsEnd: Int32Array.from(testsEnd),
    pattern: Int32Array.from(pattern),
    tableStart,
    playersStart: offsetsOf(players),
    players: Int32Array.from(players.flat()),
    entries,
  }
}

/** In preorder. */
function innerNodesBelow(game: PreparedGame, node: number): number[] {
  const { left, right } = game.ensemble
  if (game.innerBelow[node]! <= 0) return []
  return [node, ...innerNodesBelow(game, left[node]!), ...innerNodesBelow(game, right[node]!)]
}

/** Conditions of the path that the last table has not already put into its patterns, then the nodes below. */
function addTests(builder: TableBuilder, { tests }: PreparedGame, inner: readonly number[], path: TreePath): void {
  const depth = path.conditions.length
  const add = (source: number, target: number, node: number, bit: number, flip: number): void => {
    builder.tests.push(source, target, tests.column[node]!, tests.limit[node]!, bit, flip)
  }
  for (let d = builder.validPatterns; d < depth; d++) {
    const { node, goesLeft, bit } = path.conditions[d]!
    add(d, d + 1, node, 1 << bit, goesLeft ? 1 << bit : 0)
  }
  builder.validPatterns = depth
  inner.forEach((node, i) => add(i === 0 ? depth : depth + 1, depth + 1, node, 1 << (path.players.length + i), 0))
}

interface OpenTable {
  readonly columns: readonly number[]
  readonly table: Float64Array
}

function addLeaves(builder: TableBuilder, game: PreparedGame, top: number, path: TreePath, open: OpenTable): void {
  const depth = path.conditions.length
  const pathBits = path.players.length
  /** Index bit of each condition below the path; nodes are numbered as `innerNodesBelow` lists them. */
  const indexBits: number[] = []
  let next = pathBits
  const visit = (node: number): void => {
    if (game.innerBelow[node]! > 0) {
      indexBits.push(1 << next++)
      follow(game, path, node, true, visit)
      follow(game, path, node, false, visit)
      indexBits.pop()
    } else if (game.innerBelow[node] === 0) {
      leafTableOf(builder, game, game.ensemble.value[node]!, path)
      foldLeaf(builder.leafTable, path.players, path.conditions.slice(depth), indexBits, pathBits, open)
    }
  }
  visit(top)
}

function leafTableOf(builder: TableBuilder, game: PreparedGame, leafValue: number, path: TreePath): void {
  const { violated, share, weights, leafTable } = builder
  const playerCount = path.players.length
  violatedSetsInto(game, path.conditions, violated)
  share.fill(0, 0, 2 ** playerCount)
  for (let r = 0; r < game.rowCount; r++) share[violated[r]!]! += 1 / game.rowCount
  leafTableInto(leafValue, share, playerCount, weights, leafTable)
}

function violatedSetsInto(game: PreparedGame, conditions: readonly Condition[], violated: Int32Array): void {
  const { ranks, rowCount, tests } = game
  violated.fill(0)
  for (const { node, goesLeft, bit } of conditions) {
    const start = tests.column[node]! * rowCount
    const limit = tests.limit[node]!
    const mask = 1 << bit
    const flip = goesLeft ? mask : 0
    for (let r = 0; r < rowCount; r++) violated[r]! |= (((ranks[start + r]! - limit) >> 31) & mask) ^ flip
  }
}

/** Adds one leaf's contributions to every row of the table that stands for the same violated set. */
function foldLeaf(
  leafTable: Float64Array,
  players: readonly number[],
  conditions: readonly Condition[],
  indexBits: readonly number[],
  pathBits: number,
  { columns, table }: OpenTable,
): void {
  const columnOf = Int32Array.from(players, (player) => columns.indexOf(player))
  const width = columns.length
  for (let index = 0, start = 0; start < table.length; index++, start += width) {
    let violated = index & ((1 << pathBits) - 1)
    for (let c = 0; c < conditions.length; c++) {
      const { goesLeft, bit } = conditions[c]!
      const wentLeft = (index & indexBits[c]!) !== 0
      if (wentLeft !== goesLeft) violated |= 1 << bit
    }
    const leafStart = violated * players.length
    for (let i = 0; i < players.length; i++) table[start + columnOf[i]!]! += leafTable[leafStart + i]!
  }
}

/** Where each list starts when they lie one after the other; the last entry is where they end. */
function offsetsOf(lists: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(lists.length + 1)
  lists.forEach(({ length }, i) => (offsets[i + 1] = offsets[i]! + length))
  return offsets
}
