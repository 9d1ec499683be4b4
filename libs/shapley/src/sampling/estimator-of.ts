import type { Random } from '@raison/numerics'
import { bruteForceShapley } from '../brute-force.ts'
import { ShapleyError } from '../shapley-error.ts'
import type { CoalitionPlan, ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'

/** How an estimator spends a budget that does not reach every coalition. */
export interface Sampling<Plan extends CoalitionPlan> {
  readonly name: string
  leastBudget(playerCount: number): number
  plan(playerCount: number, budget: number, random: Random): Plan
  solve(plan: Plan, values: Float64Array, empty: number, full: number): ShapleyEstimate
}

/** The estimator that samples when it must and enumerates when it can. */
export function estimatorOf<Plan extends CoalitionPlan>(sampling: Sampling<Plan>): ShapleyEstimator {
  return {
    name: sampling.name,
    plan(playerCount, budget, random) {
      if (playerCount < 1) throw new ShapleyError('NO_PLAYERS', `a game of ${playerCount} players: give at least one`)
      if (budget >= 2 ** playerCount - 2) return planEverything(playerCount)
      const least = Math.min(sampling.leastBudget(playerCount), 2 ** playerCount - 2)
      if (budget >= least) return sampling.plan(playerCount, budget, random)
      throw new ShapleyError(
        'BUDGET_TOO_SMALL',
        `${sampling.name} cannot explain ${playerCount} players with ${budget} coalitions: give at least ${least}`,
      )
    },
    solve(plan, values, empty, full) {
      if (values.length !== plan.coalitionCount)
        throw new ShapleyError('SHAPE_MISMATCH', `${values.length} values for ${plan.coalitionCount} coalitions`)
      return plan.exact ? solveEverything(plan, values, empty, full) : sampling.solve(plan as Plan, values, empty, full)
    },
  }
}

/** Coalition number c = 1 … 2ⁿ − 2 in place c − 1: player i takes part when bit i of c is set. */
function planEverything(playerCount: number): CoalitionPlan {
  const coalitionCount = 2 ** playerCount - 2
  const coalitions = new Uint8Array(coalitionCount * playerCount)
  for (let c = 1; c <= coalitionCount; c++)
    for (let i = 0; i < playerCount; i++) coalitions[(c - 1) * playerCount + i] = (c >> i) & 1
  return { playerCount, coalitionCount, coalitions, exact: true }
}

function solveEverything(plan: CoalitionPlan, values: Float64Array, empty: number, full: number): ShapleyEstimate {
  const { playerCount, coalitionCount } = plan
  const value = (c: number) => (c === 0 ? empty : c > coalitionCount ? full : values[c - 1]!)
  return {
    values: bruteForceShapley({ playerCount, value }),
    standardErrors: new Float64Array(playerCount),
    exact: true,
  }
}
