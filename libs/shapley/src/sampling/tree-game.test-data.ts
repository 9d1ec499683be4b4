import type { Random } from '@raison/numerics'
import { shapleyWeights } from '../shapley-weights.ts'
import type { KnownGame } from './games.test-data.ts'
import type { OddTerm } from './odd-terms.ts'

/** Pays `amount` to a coalition that holds all of `inside` and none of `outside`. */
interface Leaf {
  readonly inside: readonly number[]
  readonly outside: readonly number[]
  readonly amount: number
}

/** A sum of full decision trees that ask whether a player takes part, another one at each node of a path. */
export interface TreeGame extends KnownGame {
  /** The terms of three or more players of its Fourier expansion with an odd number of them, largest first. */
  readonly oddSupport: readonly OddTerm[]
}

export function treeGame(random: Random, playerCount: number, treeCount: number, depth: number): TreeGame {
  const leaves: Leaf[] = []
  const grow = (inside: readonly number[], outside: readonly number[]): void => {
    if (inside.length + outside.length === depth) leaves.push({ inside, outside, amount: random.normal() })
    else {
      const player = unusedPlayer(random, playerCount, [...inside, ...outside])
      grow([...inside, player], outside)
      grow(inside, [...outside, player])
    }
  }
  for (let tree = 0; tree < treeCount; tree++) grow([], [])
  return {
    playerCount,
    value: payoutOf(leaves),
    shapley: shapleyOf(leaves, playerCount),
    oddSupport: oddTermsOf(leaves),
  }
}

/** Trees ask the first players more often, as they do the features that matter. */
function unusedPlayer(random: Random, playerCount: number, used: readonly number[]): number {
  for (;;) {
    const player = Math.floor(playerCount * random.uniform() ** 2)
    if (!used.includes(player)) return player
  }
}

function payoutOf(leaves: readonly Leaf[]): KnownGame['value'] {
  return (members, from) => {
    let sum = 0
    for (const { inside, outside, amount } of leaves)
      if (inside.every((i) => members[from + i] === 1) && outside.every((i) => members[from + i] === 0)) sum += amount
    return sum
  }
}

function shapleyOf(leaves: readonly Leaf[], playerCount: number): Float64Array {
  const width = playerCount + 1
  const weights = shapleyWeights(playerCount)
  const values = new Float64Array(playerCount)
  for (const { inside, outside, amount } of leaves) {
    for (const i of inside) values[i]! += amount * weights[inside.length * width + outside.length]!
    for (const i of outside) values[i]! -= amount * weights[outside.length * width + inside.length]!
  }
  return values
}

/** Π(1 + z_i)/2 · Π(1 − z_j)/2 has the coefficient ±2^−depth at every product of its signs. */
function oddTermsOf(leaves: readonly Leaf[]): OddTerm[] {
  const coefficients = new Map<string, { term: OddTerm; coefficient: number }>()
  for (const { inside, outside, amount } of leaves) {
    const players = [...inside, ...outside].sort((a, b) => a - b)
    for (let subset = 1; subset < 1 << players.length; subset++) {
      const term = players.filter((_, at) => (subset >> at) & 1)
      if (term.length < 3 || term.length % 2 === 0) continue
      const sign = term.filter((player) => outside.includes(player)).length % 2 === 0 ? 1 : -1
      const known = coefficients.get(term.join()) ?? { term, coefficient: 0 }
      known.coefficient += sign * amount * 2 ** -players.length
      coefficients.set(term.join(), known)
    }
  }
  return [...coefficients.values()]
    .sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient))
    .map(({ term }) => term)
}
