import type { Random } from '@raison/numerics'
import { createDeck, dealInto } from './deck.ts'
import { estimatorOf } from './estimator-of.ts'
import type { CoalitionPlan, ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'

/** Walks from nobody to everybody: 2(n−1) coalitions each, those on the way forth in `order`, then those of the way back. */
interface WalkPlan extends CoalitionPlan {
  readonly walkCount: number
  /** walkCount × playerCount: the order in which players join on the way forth; on the way back it is reversed. */
  readonly orders: Int32Array
}

/** Mean marginal contributions over random orders and their reverses (Mitchell et al. 2022). */
export const antitheticPermutations: ShapleyEstimator = estimatorOf({
  name: 'antithetic-permutations',
  leastBudget: (playerCount) => 2 * (playerCount - 1),
  plan: planWalks,
  solve: solveWalks,
})

function planWalks(n: number, budget: number, random: Random): WalkPlan {
  const steps = n - 1
  const walkCount = Math.floor(budget / (2 * steps))
  const coalitions = new Uint8Array(2 * walkCount * steps * n)
  const orders = new Int32Array(walkCount * n)
  const deck = createDeck(n)
  for (let walk = 0; walk < walkCount; walk++) {
    const order = orders.subarray(walk * n, (walk + 1) * n)
    dealInto(deck, n, random, order)
    for (let t = 0; t < steps; t++) {
      const forth = (2 * walk * steps + t) * n
      const back = forth + steps * n
      for (let i = 0; i <= t; i++) {
        coalitions[forth + order[i]!] = 1
        coalitions[back + order[n - 1 - i]!] = 1
      }
    }
  }
  return { playerCount: n, coalitionCount: 2 * walkCount * steps, coalitions, walkCount, orders, exact: false }
}

function solveWalks(plan: WalkPlan, values: Float64Array, empty: number, full: number): ShapleyEstimate {
  const { playerCount: n, walkCount, orders } = plan
  const steps = n - 1
  const sums = new Float64Array(n)
  const squares = new Float64Array(n)
  for (let walk = 0; walk < walkCount; walk++) {
    const start = 2 * walk * steps
    const forth = (t: number) => (t === 0 ? empty : t === n ? full : values[start + t - 1]!)
    const back = (t: number) => (t === 0 ? empty : t === n ? full : values[start + steps + t - 1]!)
    for (let t = 0; t < n; t++) {
      const player = orders[walk * n + t]!
      const gain = (forth(t + 1) - forth(t) + back(n - t) - back(n - t - 1)) / 2
      sums[player]! += gain
      squares[player]! += gain * gain
    }
  }
  const variance = (i: number) => (squares[i]! - sums[i]! ** 2 / walkCount) / (walkCount - 1)
  return {
    values: sums.map((sum) => sum / walkCount),
    standardErrors: walkCount < 2 ? undefined : sums.map((_, i) => Math.sqrt(Math.max(variance(i), 0) / walkCount)),
    exact: false,
  }
}
