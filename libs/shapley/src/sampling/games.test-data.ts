import { createRandom, type Random } from '@raison/numerics'
import type { CoalitionPlan, ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'

/** A game with known Shapley values; `members[from + i]` is 1 when player i takes part. */
export interface KnownGame {
  readonly playerCount: number
  readonly value: (members: Uint8Array, from: number) => number
  readonly shapley: Float64Array
}

/** Pays `amount` when all of its players take part. */
export interface Unanimity {
  readonly players: readonly number[]
  readonly amount: number
}

/** A sum of unanimity games on top of `empty`: the players of each share its amount equally (Shapley 1953). */
export function unanimityGame(playerCount: number, terms: readonly Unanimity[], empty = 0): KnownGame {
  const shapley = new Float64Array(playerCount)
  for (const { players, amount } of terms) for (const player of players) shapley[player]! += amount / players.length
  const value = (members: Uint8Array, from: number) => {
    let sum = empty
    for (const { players, amount } of terms) if (takePart(players, members, from)) sum += amount
    return sum
  }
  return { playerCount, value, shapley }
}

function takePart(players: readonly number[], members: Uint8Array, from: number): boolean {
  for (const player of players) if (members[from + player] === 0) return false
  return true
}

export function additiveGame(worths: readonly number[], empty = 0): KnownGame {
  return unanimityGame(
    worths.length,
    worths.map((amount, player) => ({ players: [player], amount })),
    empty,
  )
}

/** Every player alone, and `termCount` larger unanimity games of up to `order` of the first players. */
export function randomGame(
  random: Random,
  playerCount: number,
  termCount: number = 3 * playerCount,
  order = 4,
): KnownGame {
  const alone = Array.from({ length: playerCount }, (_, player) => ({ players: [player], amount: random.normal() }))
  const joint = Array.from({ length: termCount }, () => ({
    players: randomPlayers(random, playerCount, Math.min(2 + random.below(order - 1), playerCount)),
    amount: random.normal(),
  }))
  return unanimityGame(playerCount, [...alone, ...joint], random.normal())
}

export function randomPlayers(random: Random, playerCount: number, count: number): readonly number[] {
  const players = new Set<number>()
  while (players.size < count) players.add(random.below(playerCount))
  return [...players]
}

export function valuesOf(game: KnownGame, { playerCount, coalitionCount, coalitions }: CoalitionPlan): Float64Array {
  return Float64Array.from({ length: coalitionCount }, (_, c) => game.value(coalitions, c * playerCount))
}

export function emptyOf({ playerCount, value }: KnownGame): number {
  return value(new Uint8Array(playerCount), 0)
}

export function fullOf({ playerCount, value }: KnownGame): number {
  return value(new Uint8Array(playerCount).fill(1), 0)
}

export function solveGame(estimator: ShapleyEstimator, game: KnownGame, plan: CoalitionPlan): ShapleyEstimate {
  return estimator.solve(plan, valuesOf(game, plan), emptyOf(game), fullOf(game))
}

export function estimateGame(
  estimator: ShapleyEstimator,
  game: KnownGame,
  budget: number,
  random: Random,
): ShapleyEstimate {
  return solveGame(estimator, game, estimator.plan(game.playerCount, budget, random))
}

/** Unlike small seeds themselves, whose first numbers are all alike, these give independent streams. */
export function streamOf(run: number): Random {
  return createRandom(Math.imul(run + 1, 0x9e3779b1))
}
