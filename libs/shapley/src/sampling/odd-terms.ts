import { ShapleyError } from '../shapley-error.ts'
import { estimatorOf } from './estimator-of.ts'
import { fitSigns, type SignRegression } from './fit-signs.ts'
import { differencesOf, type PairedPlan } from './paired-plan.ts'
import { planWithoutReplacement } from './plan-without-replacement.ts'
import { sandwichErrors } from './sandwich-errors.ts'
import type { ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'
import { sizeLaw } from './size-law.ts'
import { tinyRidge } from './solve-paired.ts'

/** Players of one Fourier term: an odd number of them, three or more. */
export type OddTerm = readonly number[]

/** Pairs a sample needs for each value it estimates. */
const pairsPerValue = 1.5

/**
 * Odd-term regression (OddSHAP): beside the players themselves, products of the signs of an odd number of players explain the
 * pairs. `support` names those products, the most important first, as a surrogate's largest Fourier coefficients give
 * them; as many are used as the budget bears. Pays from about 16 coalitions a player on.
 */
export function oddTerms(support: readonly OddTerm[]): ShapleyEstimator {
  return estimatorOf({
    name: 'odd-terms',
    leastBudget: (playerCount) => 2 * playerCount,
    plan: (playerCount, budget, random) => {
      checkTerms(support, playerCount)
      return planWithoutReplacement(playerCount, budget, sizeLaw(playerCount, 0), random)
    },
    solve: (plan: PairedPlan, values, empty, full) => solveOdd(plan, support, values, empty, full),
  })
}

function solveOdd(
  plan: PairedPlan,
  support: readonly OddTerm[],
  values: Float64Array,
  empty: number,
  full: number,
): ShapleyEstimate {
  const n = plan.playerCount
  const room = Math.max(Math.floor(plan.pairCount / pairsPerValue) - n, 0)
  const terms = [...Array.from({ length: n }, (_, i) => [i]), ...support.slice(0, room)]
  const regression: SignRegression = {
    columnCount: terms.length,
    rowCount: plan.pairCount,
    members: productsOfSigns(plan, terms),
    differences: differencesOf(plan, values),
    weights: plan.weights,
    total: full - empty,
    ridge: tinyRidge(plan.weights),
  }
  const fit = fitSigns(regression)
  const share = (coefficients: Float64Array) => shareTerms(terms, coefficients, n)
  return {
    values: share(fit.values),
    standardErrors: sandwichErrors(regression, fit, plan.inclusion, share),
    exact: false,
  }
}

/** 1 where the product of the term's signs is +1: where an odd number of its players takes part. */
function productsOfSigns({ pairCount, playerCount, coalitions }: PairedPlan, terms: readonly OddTerm[]): Uint8Array {
  const products = new Uint8Array(pairCount * terms.length)
  let at = 0
  for (let k = 0; k < pairCount; k++)
    for (const term of terms) {
      let parity = 0
      for (const player of term) parity ^= coalitions[k * playerCount + player]!
      products[at++] = parity
    }
  return products
}

/** Players of a term share it equally. */
function shareTerms(terms: readonly OddTerm[], coefficients: Float64Array, n: number): Float64Array {
  const values = new Float64Array(n)
  terms.forEach((term, at) => {
    for (const player of term) values[player]! += coefficients[at]! / term.length
  })
  return values
}

function checkTerms(support: readonly OddTerm[], playerCount: number): void {
  for (const term of support) {
    const distinct = new Set(term).size === term.length
    const known = term.every((player) => player >= 0 && player < playerCount)
    if (!distinct || !known || term.length < 3 || term.length % 2 === 0)
      throw new ShapleyError(
        'SHAPE_MISMATCH',
        `[${term.join(', ')}] is no odd term: give an odd number, three or more, of different players below ${playerCount}`,
      )
  }
}
