import type { Random } from '@raison/numerics'
import { ShapleyError } from '../shapley-error.ts'
import { createDeck, dealInto } from './deck.ts'
import { independentSubsets } from './draw-subset.ts'
import type { PairPlan } from './pair-plan.ts'
import { goldenSize, kernelMass, sizeLaw } from './size-law.ts'

export interface PairRequest {
  readonly playerCount: number
  readonly referenceCount: number
  readonly pairCount: number
}

/**
 * Pairs with coalition sizes by p(s) ∝ 1/√(s(n−s)) and the reference rows in one random order after the other.
 *
 * Pairs are drawn one after the other: the first pairs of a plan are the plan of fewer pairs from the same seed, but for
 * the factor that makes the weights' mean 1. So a decision may stop early and be the same as with a smaller budget.
 * A single player has no coalitions, hence no pairs whatever was asked for; `solveResidual` then gives it the total.
 */
export function planPairs({ playerCount, referenceCount, pairCount }: PairRequest, random: Random): PairPlan {
  if (playerCount < 1) throw new ShapleyError('NO_PLAYERS', `a game of ${playerCount} players: give at least one`)
  if (referenceCount < 1) throw new ShapleyError('BACKGROUND_EMPTY', 'the background has no rows: give at least one')

  const count = playerCount === 1 ? 0 : pairCount
  const coalitions = new Uint8Array(count * playerCount)
  const referenceRows = new Int32Array(count)
  const weights = new Float64Array(count)
  const law = sizeLaw(playerCount, 1 / 2)
  const drawSubsetInto = independentSubsets(playerCount, random)
  const references = createDeck(referenceCount)
  const start = random.uniform()
  for (let k = 0; k < count; k++) {
    const size = goldenSize(law, k, start)
    drawSubsetInto(size, coalitions, k * playerCount)
    dealInto(references, 1, random, referenceRows.subarray(k))
    weights[k] = kernelMass(playerCount, size) / law[size]!
  }
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / count
  return { playerCount, pairCount: count, coalitions, referenceRows, weights: weights.map((weight) => weight / mean) }
}
