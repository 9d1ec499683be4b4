import { chunkRows } from './add-tables.ts'
import { nothing, numbersPerNode, type DeepTrees } from './deep-trees.ts'
import { countBits, shapleyWeights } from './shapley-weights.ts'

/** Adds the deep leaves' contributions of rows 0 … size − 1 to `totals`; columns lie `chunkRows` apart. */
export type DeepWalk = (ranks: Int32Array, size: number, totals: Float64Array) => void

/**
 * Walks each tree once for a row and all background rows together. A background row is carried into a child as long as
 * some coalition of the two rows goes there, along with the set of players whose conditions it violates on the way; one
 * that violates a condition of a player whom the explained row violates too is dropped. At a leaf the two violated sets
 * are disjoint and the weights are those of `leafTableInto`.
 */
export function createDeepWalk(
  { roots, nodes, values }: DeepTrees,
  background: Int32Array,
  rowCount: number,
): DeepWalk {
  const { levels, players } = extentOf(nodes)
  const weights = shapleyWeights(players)
  const width = players + 1
  /** Background rows carried to each level: the row, then the set of players it violates, 32 to a number. */
  const stride = 1 + ((players + 31) >> 5)
  const levelSize = rowCount * stride
  const carried = new Int32Array(levels * levelSize)
  for (let i = 0; i < rowCount; i++) carried[i * stride] = i
  /** On the current path: the player at each bit, whether the explained row violates it, and those it violates. */
  const playerOfBit = new Int32Array(players)
  const isViolated = new Uint8Array(players)
  const violatedPlayers = new Int32Array(players)
  let ranks: Int32Array = new Int32Array(0)
  let totals: Float64Array = new Float64Array(0)
  let row = 0

  return (ranksOfRows, size, totalsOfRows) => {
    ranks = ranksOfRows
    totals = totalsOfRows
    // Tree by tree, so that the nodes of one tree stay in cache for the whole batch.
    for (let tree = 0; tree < roots.length; tree++)
      for (row = 0; row < size; row++) visit(roots[tree]!, 0, levelSize, 0)
  }

  /** The rows carried here are those in `carried` from `from` up to `end`; the explained row violates `violated` players. */
  function visit(node: number, from: number, end: number, violated: number): void {
    const at = node * numbersPerNode
    const column = nodes[at]!
    if (column < 0) return settle(values[node]!, from, end, violated)

    const limit = nodes[at + 1]!
    const player = nodes[at + 2]!
    const bit = nodes[at + 3]!
    const goesLeft = ranks[column * chunkRows + row]! < limit
    const sameSide = goesLeft ? nodes[at + 4]! : nodes[at + 5]!
    const otherSide = goesLeft ? nodes[at + 5]! : nodes[at + 4]!
    const start = column * rowCount
    playerOfBit[bit] = player
    if (isViolated[bit] === 1) {
      if (sameSide !== nothing) visitWith(sameSide, keep(start, limit, goesLeft, bit, from, end), from, violated)
      if (otherSide !== nothing) visitWith(otherSide, keep(start, limit, !goesLeft, bit, from, end), from, violated)
      return
    }
    if (sameSide !== nothing) visitWith(sameSide, mark(start, limit, goesLeft, bit, from, end), from, violated)
    if (otherSide === nothing) return
    isViolated[bit] = 1
    violatedPlayers[violated] = player
    visitWith(otherSide, keep(start, limit, !goesLeft, bit, from, end), from, violated + 1)
    isViolated[bit] = 0
  }

  function visitWith(child: number, end: number, parentFrom: number, violated: number): void {
    const from = parentFrom + levelSize
    if (end > from) visit(child, from, end, violated)
  }

  /** Carries every row on; those that go the other way violate the player from here on. */
  function mark(start: number, limit: number, goesLeft: boolean, bit: number, from: number, end: number): number {
    const word = 1 + (bit >> 5)
    const mask = 1 << bit
    const flip = goesLeft ? mask : 0
    let to = from + levelSize
    for (let entry = from; entry < end; entry += stride, to += stride) {
      for (let w = 0; w < stride; w++) carried[to + w] = carried[entry + w]!
      carried[to + word]! |= (((background[start + carried[entry]!]! - limit) >> 31) & mask) ^ flip
    }
    return to
  }

  /** Carries on the rows that go this way and have not violated the player before. */
  function keep(start: number, limit: number, goesLeft: boolean, bit: number, from: number, end: number): number {
    const word = 1 + (bit >> 5)
    const mask = 1 << bit
    let to = from + levelSize
    for (let entry = from; entry < end; entry += stride) {
      if (background[start + carried[entry]!]! < limit !== goesLeft || (carried[entry + word]! & mask) !== 0) continue
      for (let w = 0; w < stride; w++) carried[to + w] = carried[entry + w]!
      to += stride
    }
    return to
  }

  function settle(value: number, from: number, end: number, violated: number): void {
    let loss = 0
    for (let entry = from; entry < end; entry += stride) {
      let held = 0
      for (let w = 1; w < stride; w++) held += countBits(carried[entry + w]!)
      loss += value * weights[violated * width + held]!
      const gain = value * weights[held * width + violated]!
      for (let w = 1; w < stride; w++)
        for (let set = carried[entry + w]!; set !== 0; set &= set - 1) {
          const bit = 32 * w - 1 - Math.clz32(set & -set)
          totals[playerOfBit[bit]! * chunkRows + row]! += gain
        }
    }
    for (let v = 0; v < violated; v++) totals[violatedPlayers[v]! * chunkRows + row]! -= loss
  }
}

/** Longest path in nodes, and most distinct players on a path. */
function extentOf(nodes: Int32Array): { readonly levels: number; readonly players: number } {
  const height = new Int32Array(nodes.length / numbersPerNode)
  let levels = 0
  let players = 0
  const heightOf = (child: number): number => (child === nothing ? 0 : height[child]!)
  // Children come before their parents.
  for (let node = 0; node < height.length; node++) {
    const at = node * numbersPerNode
    height[node] = 1 + Math.max(heightOf(nodes[at + 4]!), heightOf(nodes[at + 5]!))
    levels = Math.max(levels, height[node]!)
    if (nodes[at]! >= 0) players = Math.max(players, nodes[at + 3]! + 1)
  }
  return { levels, players }
}
