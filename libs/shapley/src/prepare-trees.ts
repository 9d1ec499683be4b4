import type { TreeEnsemble } from '@raison/trees'
import {
  addDeepLeaf,
  addDeepSplit,
  finishDeepTrees,
  nothing,
  type DeepTreeBuilder,
  type DeepTrees,
} from './deep-trees.ts'
import { addTable, createTableBuilder, finishTables, type TableBuilder, type TreeTables } from './tree-tables.ts'
import { follow, type PreparedGame, type TreePath } from './tree-path.ts'

/** A node with several leaves below gets one table when its index has at most this many bits (16 kB for 8 players). */
const smallTableBits = 8
/** A leaf, or two sibling leaves, get a table of up to this many bits (393 kB for 12 players). */
const widestTableBits = 12
/** Tables of one ensemble together hold at most this many numbers (128 MiB). */
const mostTableEntries = 2 ** 24

interface Builders {
  readonly tables: TableBuilder
  readonly deep: DeepTreeBuilder
  readonly widest: number
}

/**
 * Divides the leaves of every tree between lookup tables of at most `widest` index bits and, where those would be too
 * large, the deep walk.
 */
export function divideLeaves(
  game: PreparedGame,
  widest: number = widestThatFits(game),
): { readonly tables: TreeTables; readonly deep: DeepTrees } {
  const builders: Builders = {
    tables: createTableBuilder(game.rowCount, widest),
    deep: { roots: [], nodes: [], values: [] },
    widest,
  }
  for (const root of game.ensemble.roots) {
    builders.tables.validPatterns = 0
    const deepRoot = placeBelow(builders, game, root, { conditions: [], players: [] })
    if (deepRoot !== nothing) builders.deep.roots.push(deepRoot)
  }
  return { tables: finishTables(builders.tables), deep: finishDeepTrees(builders.deep) }
}

/** Inner nodes from each node downwards that lead to a leaf other than 0; −1 where no such leaf is below. */
export function countInnerBelow({ roots, feature, left, right, value }: TreeEnsemble): Float64Array {
  const counts = new Float64Array(feature.length).fill(NaN)
  const count = (node: number): number => {
    if (!Number.isNaN(counts[node]!)) return counts[node]!
    if (feature[node]! < 0) return (counts[node] = value[node] === 0 ? -1 : 0)
    const below = [count(left[node]!), count(right[node]!)].filter((inner) => inner >= 0)
    return (counts[node] = below.length === 0 ? -1 : below.reduce((sum, inner) => sum + inner, 1))
  }
  roots.forEach(count)
  return counts
}

/** Returns the deep tree of what it leaves to the walk. */
function placeBelow(builders: Builders, game: PreparedGame, node: number, path: TreePath): number {
  const inner = game.innerBelow[node]!
  if (inner < 0) return nothing
  if (fitsTable(path.players.length, inner, builders.widest)) {
    addTable(builders.tables, game, node, path)
    return nothing
  }
  if (inner === 0) return addDeepLeaf(builders.deep, game, node)

  const place = { bit: 0, left: nothing, right: nothing }
  for (const side of ['left', 'right'] as const) {
    follow(game, path, node, side === 'left', (child) => {
      place.bit = path.conditions.at(-1)!.bit
      place[side] = placeBelow(builders, game, child, path)
    })
    builders.tables.validPatterns = Math.min(builders.tables.validPatterns, path.conditions.length)
  }
  return place.left === nothing && place.right === nothing ? nothing : addDeepSplit(builders.deep, game, node, place)
}

function fitsTable(pathPlayers: number, inner: number, widest: number): boolean {
  return pathPlayers + inner <= (inner <= 1 ? widest : Math.min(widest, smallTableBits))
}

/** Fewer bits leave more leaves to the walk and need less memory. */
function widestThatFits(game: PreparedGame): number {
  let widest = widestTableBits
  while (widest > 0 && countEntries(game, widest) > mostTableEntries) widest--
  return widest
}

function countEntries(game: PreparedGame, widest: number): number {
  const path: TreePath = { conditions: [], players: [] }
  let entries = 0
  const visit = (node: number): void => {
    const inner = game.innerBelow[node]!
    if (inner < 0) return
    const bits = path.players.length + inner
    if (fitsTable(path.players.length, inner, widest)) entries += bits * 2 ** bits
    else if (inner > 0) for (const goesLeft of [true, false]) follow(game, path, node, goesLeft, visit)
  }
  game.ensemble.roots.forEach(visit)
  return entries
}
