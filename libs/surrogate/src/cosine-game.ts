import type { Background, Players } from '@raison/shapley'
import { layoutOf, writeInputs } from './cosine-basis.ts'
import type { CosineNetwork } from './cosine-network.ts'
import { planMemory } from './kernel-memory.ts'
import { linearTermsInto, playersOfInputs } from './linear-part.ts'
import type { LoadedInference, LoadInference } from './load-inference.ts'
import { gaussLegendre } from './quadrature.ts'
import { SurrogateError } from './surrogate-error.ts'

/** Rows and pairs that go through the kernel together. */
export const rowChunk = 8
export const pairChunk = 512

/** Where everything lies in the kernel's memory: addresses in bytes; the layouts are those of `InferenceKernel`. */
interface Places {
  readonly weights: number
  readonly biases: number
  readonly amplitudes: number
  readonly inputPlayers: number
  readonly nodes: number
  readonly halves: number
  readonly turns: number
  readonly phases: number
  readonly inputs: number
  readonly rowHalves: number
  readonly rowTurns: number
  readonly rowPhases: number
  readonly signs: number
  readonly references: number
  readonly scratch: number
  readonly out: number
}

/** A network laid out for the kernel with the background's turns and phases, which every decision shares. */
export interface CosineGame extends LoadedInference {
  readonly network: CosineNetwork
  readonly players: Players
  readonly blockCount: number
  readonly backgroundCount: number
  readonly places: Places
  /** Linear terms of the background rows, backgroundCount × players, and their means. */
  readonly linearTerms: Float64Array
  readonly linearMeans: Float64Array
}

export function prepareGame(
  network: CosineNetwork,
  background: Background,
  players: Players,
  load: LoadInference,
): CosineGame {
  checkShapes(network, background, players)
  const blockCount = Math.ceil(network.unitCount / 4)
  const { places, byteCount } = planPlaces(network, background.rowCount, players.count, blockCount)
  const { kernel, memory } = load(byteCount)
  const linearTerms = new Float64Array(background.rowCount * players.count)
  const game = {
    kernel,
    memory,
    network,
    players,
    blockCount,
    backgroundCount: background.rowCount,
    places,
    linearTerms,
    linearMeans: new Float64Array(players.count),
  }
  layOutNetwork(game)
  placeBackground(game, background)
  return game
}

function checkShapes({ basis }: CosineNetwork, { rows, rowCount }: Background, { count, ofFeature }: Players): void {
  const n = basis.featureCount
  if (rowCount < 1) throw new SurrogateError('BACKGROUND_EMPTY', 'the background has no rows: give at least one')
  if (rows.length !== rowCount * n)
    throw mismatch(`the background holds ${rows.length} numbers, not ${rowCount} rows of ${n} features`)
  if (ofFeature.length !== n) throw mismatch(`players are given for ${ofFeature.length} features, the network has ${n}`)
  const stray = ofFeature.findIndex((player) => player < 0 || player >= count)
  if (stray >= 0)
    throw mismatch(`feature ${stray} belongs to player ${ofFeature[stray]}, players are 0 to ${count - 1}`)
}

function mismatch(message: string): SurrogateError {
  return new SurrogateError('SHAPE_MISMATCH', message)
}

function planPlaces(
  { basis }: CosineNetwork,
  backgroundCount: number,
  playerCount: number,
  blockCount: number,
): { readonly places: Places; readonly byteCount: number } {
  const plan = planMemory()
  const column = 4 * blockCount * playerCount
  const places = {
    weights: plan.place(4 * blockCount * basis.inputCount),
    biases: plan.place(4 * blockCount),
    amplitudes: plan.place(4 * blockCount),
    inputPlayers: plan.place(basis.inputCount),
    nodes: plan.place(1 + playerCount),
    halves: plan.place(column * backgroundCount),
    turns: plan.place(2 * column * backgroundCount),
    phases: plan.place(8 * blockCount * backgroundCount),
    inputs: plan.place(Math.max(backgroundCount, rowChunk) * layoutOf(basis).stride),
    rowHalves: plan.place(column * rowChunk),
    rowTurns: plan.place(2 * column * rowChunk),
    rowPhases: plan.place(8 * blockCount * rowChunk),
    signs: plan.place(pairChunk * playerCount),
    references: plan.place(pairChunk),
    scratch: plan.place(6 * 4 * playerCount),
    out: plan.place(8 * Math.max(rowChunk * playerCount, pairChunk, backgroundCount)),
  }
  return { places, byteCount: plan.byteCount }
}

/** Weights and biases are halved, which loses nothing: the kernel works with half angles. */
function layOutNetwork({ network, players, memory, places }: CosineGame): void {
  const { unitCount, weights, biases, amplitudes, basis } = network
  const { floats, words } = memory
  for (let k = 0; k < unitCount; k++) {
    const lane = k % 4
    const block = (k - lane) / 4
    for (let i = 0; i < basis.inputCount; i++)
      floats[places.weights / 4 + (block * basis.inputCount + i) * 4 + lane] = weights[i * unitCount + k]! / 2
    floats[places.biases / 4 + k] = biases[k]! / 2
    floats[places.amplitudes / 4 + k] = amplitudes[k]!
  }
  words.set(playersOfInputs(basis, players), places.inputPlayers / 4)
}

function placeBackground(game: CosineGame, { rows, rowCount }: Background): void {
  const { network, players, places, linearTerms, linearMeans } = game
  const { halves, turns, phases } = places
  placeRows(game, rows, rowCount, { halves, turns, phases })
  linearTermsInto(network, players, inputsOf(game), rowCount, linearTerms)
  linearTerms.forEach((term, i) => (linearMeans[i % players.count]! += term / rowCount))
}

/** The inputs of the rows last placed. */
export function inputsOf({ memory, places }: CosineGame): Float32Array {
  return memory.floats.subarray(places.inputs / 4, places.rowHalves / 4)
}

interface Targets {
  readonly halves: number
  readonly turns: number
  readonly phases: number
}

export function placeRows(game: CosineGame, rows: Float32Array, rowCount: number, targets: Targets): void {
  const { kernel, network, places, players, blockCount } = game
  const { basis } = network
  writeInputs(basis, rows, rowCount, inputsOf(game))
  kernel.placeRows(
    blockCount,
    rowCount,
    basis.inputCount,
    layoutOf(basis).stride,
    players.count,
    places.weights,
    places.biases,
    places.inputs,
    places.inputPlayers,
    targets.halves,
    targets.turns,
    targets.phases,
  )
}

/** Writes the rule's nodes where the kernel reads them; returns how many pairs ±t they are. */
export function placeNodes({ memory, places }: CosineGame, nodeCount: number): number {
  const { centreWeight, nodes, weights } = gaussLegendre(nodeCount)
  memory.floats.set([centreWeight, ...nodes.flatMap((t, q) => [t, weights[q]!])], places.nodes / 4)
  return nodes.length
}

/** Zeroes `count` results of four lanes each and gives them to be filled. */
export function clearResults({ memory, places }: CosineGame, count: number): Float64Array {
  return memory.doubles.subarray(places.out / 8, places.out / 8 + 4 * count).fill(0)
}

export function sumLanes(lanes: Float64Array, i: number): number {
  return lanes[4 * i]! + lanes[4 * i + 1]! + (lanes[4 * i + 2]! + lanes[4 * i + 3]!)
}
