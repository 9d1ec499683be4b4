import type { TreeEnsemble } from '@raison/trees'
import type { NodeTests } from './node-tests.ts'
import type { Players } from './players.ts'

/** One edge on the way from a root: the node test and the side taken. `bit` is the place of its player on the path. */
export interface Condition {
  readonly node: number
  readonly goesLeft: boolean
  readonly bit: number
}

/** The edges from a root to the node under work, and the distinct players they test, in order of first appearance. */
export interface TreePath {
  readonly conditions: Condition[]
  readonly players: number[]
}

/** What every step of the preparation reads. `ranks` are those of the background, `rowCount` apart. */
export interface PreparedGame {
  readonly ensemble: TreeEnsemble
  readonly players: Players
  readonly tests: NodeTests
  /** Inner nodes from each node downwards that lead to a leaf other than 0; −1 where no such leaf is below. */
  readonly innerBelow: Float64Array
  readonly ranks: Int32Array
  readonly rowCount: number
}

export function playerAt({ ensemble, players }: PreparedGame, node: number): number {
  return players.ofFeature[ensemble.feature[node]!]!
}

/** Calls `visit` with the child on one side while `path` leads to it; a player met again keeps its bit. */
export function follow(
  game: PreparedGame,
  path: TreePath,
  node: number,
  goesLeft: boolean,
  visit: (child: number) => void,
): void {
  const { conditions, players } = path
  const known = players.length
  const player = playerAt(game, node)
  let bit = players.indexOf(player)
  if (bit < 0) bit = players.push(player) - 1
  conditions.push({ node, goesLeft, bit })
  visit(goesLeft ? game.ensemble.left[node]! : game.ensemble.right[node]!)
  conditions.pop()
  players.length = known
}
