import type { Background, Players } from '@raison/shapley'
import { prepareGame } from './cosine-game.ts'
import type { CosineNetwork } from './cosine-network.ts'
import { loadInference } from './load-inference.ts'
import { exactNodeCount, explainRows } from './prepare-cosine.ts'

/**
 * The fewest quadrature nodes whose contributions of `rows` differ from the exact ones by at most `tolerance`: squared
 * differences over squared contributions, both summed over all rows.
 */
export function chooseNodes(
  network: CosineNetwork,
  background: Background,
  players: Players,
  rows: Float32Array,
  rowCount: number,
  tolerance: number,
): number {
  const game = prepareGame(network, background, players, loadInference)
  const valuesWith = (nodeCount: number): Float64Array => {
    const values = new Float64Array(rowCount * players.count)
    explainRows(game, nodeCount, rows, rowCount, values)
    return values
  }
  const most = exactNodeCount(players)
  const exact = valuesWith(most)
  for (let nodeCount = 1; nodeCount < most; nodeCount++)
    if (relativeSquaredError(valuesWith(nodeCount), exact) <= tolerance) return nodeCount
  return most
}

function relativeSquaredError(values: Float64Array, exact: Float64Array): number {
  let squares = 0
  let error = 0
  for (let i = 0; i < exact.length; i++) {
    squares += exact[i]! ** 2
    error += (values[i]! - exact[i]!) ** 2
  }
  return error === 0 ? 0 : error / squares
}
