import { playerAt, type PreparedGame } from './tree-path.ts'

/** Index of a child below which no leaf is left to the walk. */
export const nothing = -1

/**
 * Leaves whose tables would be too large and the nodes that lead to them, children before their parents. Six numbers a
 * node, side by side in memory: column and limit of its test (column −1 at a leaf), its player, the place of that player
 * on the path, left and right child (`nothing` where the walk need not go).
 */
export interface DeepTrees {
  readonly roots: Int32Array
  readonly nodes: Int32Array
  /** Value of each leaf, by node, divided by the number of background rows. */
  readonly values: Float64Array
}

export const numbersPerNode = 6

export interface DeepTreeBuilder {
  readonly roots: number[]
  readonly nodes: number[]
  readonly values: number[]
}

export function addDeepLeaf(
  { nodes, values }: DeepTreeBuilder,
  { ensemble, rowCount }: PreparedGame,
  node: number,
): number {
  nodes.push(-1, 0, 0, 0, nothing, nothing)
  return values.push(ensemble.value[node]! / rowCount) - 1
}

export function addDeepSplit(
  { nodes, values }: DeepTreeBuilder,
  game: PreparedGame,
  node: number,
  place: { readonly bit: number; readonly left: number; readonly right: number },
): number {
  const { column, limit } = game.tests
  nodes.push(column[node]!, limit[node]!, playerAt(game, node), place.bit, place.left, place.right)
  return values.push(0) - 1
}

export function finishDeepTrees({ roots, nodes, values }: DeepTreeBuilder): DeepTrees {
  return { roots: Int32Array.from(roots), nodes: Int32Array.from(nodes), values: Float64Array.from(values) }
}
