import type { Background, PairPlan, Players } from '@raison/shapley'
import {
  clearResults,
  inputsOf,
  pairChunk,
  placeNodes,
  placeRows,
  prepareGame,
  rowChunk,
  sumLanes,
  type CosineGame,
} from './cosine-game.ts'
import type { CosineNetwork } from './cosine-network.ts'
import { interceptOf, linearTermsInto } from './linear-part.ts'
import { loadInference, type LoadInference } from './load-inference.ts'
import type { Surrogate } from './surrogate.ts'

/** How many quadrature nodes give the Shapley values exactly. */
export function exactNodeCount({ count }: Players): number {
  return Math.ceil(count / 2)
}

/**
 * Shapley values of a network against a background, by Gauss–Legendre quadrature with `nodeCount` nodes: `exactNodeCount`,
 * the default, is exact and additive; fewer are nearly so (`chooseNodes`). A row's bytes do not depend on the rows it comes
 * with. Throws SurrogateError when the background or the players do not fit the network.
 */
export function prepareCosine(
  network: CosineNetwork,
  background: Background,
  players: Players,
  nodeCount: number = exactNodeCount(players),
  load: LoadInference = loadInference,
): Surrogate {
  const game = prepareGame(network, background, players, load)
  return {
    playerCount: players.count,
    baseValue: meanOutput(game),
    explainInto: (rows, rowCount, out) => explainRows(game, nodeCount, rows, rowCount, out),
    outputsInto: (rows, rowCount, out) =>
      forChunks(game, rows, rowCount, (first, count) => outputsOfChunk(game, count, out.subarray(first))),
    pairDifferencesInto: (row, plan, out) => pairDifferences(game, row, plan, out),
  }
}

export function explainRows(
  game: CosineGame,
  nodeCount: number,
  rows: Float32Array,
  rowCount: number,
  out: Float64Array,
): void {
  const pairCount = placeNodes(game, nodeCount)
  forChunks(game, rows, rowCount, (first, count) =>
    valuesOfChunk(game, pairCount, count, out.subarray(first * game.players.count)),
  )
}

/** Places the rows chunk by chunk and hands over each. */
function forChunks(
  game: CosineGame,
  rows: Float32Array,
  rowCount: number,
  visit: (first: number, count: number) => void,
): void {
  const { featureCount } = game.network.basis
  const { rowHalves, rowTurns, rowPhases } = game.places
  for (let first = 0; first < rowCount; first += rowChunk) {
    const count = Math.min(rowChunk, rowCount - first)
    const chunk = rows.subarray(first * featureCount, (first + count) * featureCount)
    placeRows(game, chunk, count, { halves: rowHalves, turns: rowTurns, phases: rowPhases })
    visit(first, count)
  }
}

function valuesOfChunk(game: CosineGame, pairCount: number, rowCount: number, out: Float64Array): void {
  const { kernel, network, players, places, backgroundCount, linearMeans } = game
  const n = players.count
  const lanes = clearResults(game, rowCount * n)
  kernel.addValues(
    game.blockCount,
    rowCount,
    backgroundCount,
    n,
    pairCount,
    places.nodes,
    places.amplitudes,
    places.rowTurns,
    places.rowPhases,
    places.turns,
    places.phases,
    places.scratch,
    places.out,
  )
  linearTermsInto(network, players, inputsOf(game), rowCount, out)
  for (let i = 0; i < rowCount * n; i++)
    out[i] = network.scale * (out[i]! - linearMeans[i % n]! - (2 * sumLanes(lanes, i)) / backgroundCount)
}

function outputsOfChunk(game: CosineGame, rowCount: number, out: Float64Array): void {
  const { kernel, network, players, places } = game
  const lanes = clearResults(game, rowCount)
  kernel.addOutputs(game.blockCount, rowCount, places.amplitudes, places.rowPhases, places.out)
  const terms = new Float64Array(rowCount * players.count)
  linearTermsInto(network, players, inputsOf(game), rowCount, terms)
  for (let row = 0; row < rowCount; row++) {
    const linear = terms.subarray(row * players.count, (row + 1) * players.count).reduce((sum, term) => sum + term)
    out[row] = network.offset + network.scale * (interceptOf(network) + linear + sumLanes(lanes, row))
  }
}

function meanOutput(game: CosineGame): number {
  const { kernel, network, places, backgroundCount, linearMeans } = game
  const lanes = clearResults(game, backgroundCount)
  kernel.addOutputs(game.blockCount, backgroundCount, places.amplitudes, places.phases, places.out)
  const waves = lanes.reduce((sum, wave) => sum + wave, 0) / backgroundCount
  const linear = linearMeans.reduce((sum, mean) => sum + mean, 0)
  return network.offset + network.scale * (interceptOf(network) + linear + waves)
}

/** The two hybrids of a pair differ in the signs of the half differences alone, so each pair costs one sine a unit. */
function pairDifferences(game: CosineGame, row: Float32Array, plan: PairPlan, out: Float64Array): void {
  const { network, players, places, linearTerms } = game
  const n = players.count
  placeRows(game, row, 1, { halves: places.rowHalves, turns: places.rowTurns, phases: places.rowPhases })
  const terms = new Float64Array(n)
  linearTermsInto(network, players, inputsOf(game), 1, terms)
  for (let first = 0; first < plan.pairCount; first += pairChunk) {
    const count = Math.min(pairChunk, plan.pairCount - first)
    const signs = placeSigns(game, plan, first, count)
    const lanes = addChunkDifferences(game, count)
    for (let pair = 0; pair < count; pair++) {
      const z = plan.referenceRows[first + pair]! * n
      let linear = 0
      for (let j = 0; j < n; j++) linear += signs[pair * n + j]! * (terms[j]! - linearTerms[z + j]!)
      out[first + pair] = network.scale * (linear - 2 * sumLanes(lanes, pair))
    }
  }
}

function placeSigns({ memory, places }: CosineGame, plan: PairPlan, first: number, count: number): Float32Array {
  const { playerCount: n, coalitions, referenceRows } = plan
  const signs = memory.floats.subarray(places.signs / 4, places.signs / 4 + count * n)
  for (let i = 0; i < count * n; i++) signs[i] = coalitions[first * n + i] === 0 ? -1 : 1
  memory.words.set(referenceRows.subarray(first, first + count), places.references / 4)
  return signs
}

function addChunkDifferences(game: CosineGame, pairCount: number): Float64Array {
  const { kernel, places } = game
  const lanes = clearResults(game, pairCount)
  kernel.addPairDifferences(
    game.blockCount,
    pairCount,
    game.backgroundCount,
    game.players.count,
    places.signs,
    places.references,
    places.amplitudes,
    places.rowHalves,
    places.rowPhases,
    places.halves,
    places.phases,
    places.out,
  )
  return lanes
}
