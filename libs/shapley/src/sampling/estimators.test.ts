import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { antitheticPermutations } from './antithetic-permutations.ts'
import { describeShapleyEstimator } from './describe-shapley-estimator.test-data.ts'
import {
  estimateGame,
  randomGame,
  randomPlayers,
  streamOf,
  unanimityGame,
  valuesOf,
  type KnownGame,
} from './games.test-data.ts'
import { kernelShap } from './kernel-shap.ts'
import { leverageShap, leverageShapWithReplacement } from './leverage-shap.ts'
import { oddTerms, type OddTerm } from './odd-terms.ts'
import { planWithoutReplacement } from './plan-without-replacement.ts'
import type { CoalitionPlan, ShapleyEstimator } from './shapley-estimator.ts'
import { sizeLaw } from './size-law.ts'
import { unbiasedKernelShap } from './unbiased-kernel-shap.ts'

const regression = { additiveExact: true, dummyExact: false }
const someSupport = [
  [0, 1, 2],
  [2, 0, 3],
]

describeShapleyEstimator(kernelShap, regression)
describeShapleyEstimator(leverageShap, regression)
describeShapleyEstimator(leverageShapWithReplacement, regression)
describeShapleyEstimator(oddTerms([]), regression)
describeShapleyEstimator(unbiasedKernelShap, { additiveExact: false, dummyExact: false })
describeShapleyEstimator(antitheticPermutations, { additiveExact: true, dummyExact: true })

describe('a plan without replacement', () => {
  it.each([kernelShap, leverageShap, oddTerms(someSupport)])(
    'never asks a coalition twice, nearly all of them too: $name',
    (estimator) => {
      for (const [n, budget] of [
        [4, 13],
        [9, 200],
        [10, 1020],
        [11, 2045],
      ] as const) {
        const plan = estimator.plan(n, budget, streamOf(budget))
        expect(plan.coalitionCount).toBe(2 * Math.floor(budget / 2))
        expect(new Set(keysOf(plan)).size).toBe(plan.coalitionCount)
      }
    },
  )

  it('of KernelSHAP enumerates the sizes that the budget reaches, from the outside in', () => {
    const n = 12
    const sizes = sizesOf(kernelShap.plan(n, 600, createRandom(1)))
    expect(sizes.slice(1, 3)).toEqual([12, 66])
    expect(sizes.slice(-3, -1)).toEqual([66, 12])
    expect(sizes[3]).toBeLessThan(220)
  })

  it('of Leverage SHAP has equally many coalitions of every size that has so many', () => {
    const sizes = sizesOf(leverageShap.plan(60, 960, createRandom(1)))
    for (let s = 1; s < 60; s++) expect(Math.abs(sizes[s]! - 960 / 59)).toBeLessThan(2)
  })

  it('weighs every size as the Shapley kernel does, on average, also when few pairs are drawn', () => {
    const n = 41
    const weights = new Float64Array(n)
    const seeds = 4000
    for (let seed = 0; seed < seeds; seed++) {
      const plan = planWithoutReplacement(n, 82, sizeLaw(n, 1), streamOf(seed))
      plan.weights.forEach((weight, k) => {
        const size = plan.coalitions.subarray(k * n, (k + 1) * n).reduce((sum, member) => sum + member, 0)
        weights[Math.min(size, n - size)]! += weight / seeds
      })
    }
    for (let s = 1; 2 * s < n; s++) expect(Math.abs((weights[s]! * s * (n - s)) / 2 - 1)).toBeLessThan(0.06)
  })

  it.each([kernelShap, leverageShap])(
    'comes close to the exact answer with the last coalitions: $name',
    (estimator) => {
      const n = 9
      const game = randomGame(createRandom(3), n, 60, 8)
      const { values } = estimateGame(estimator, game, 2 ** n - 4, createRandom(1))
      expect(relativeError(values, game)).toBeLessThan(1e-4)
    },
  )
})

describe('unbiased KernelSHAP', () => {
  it('has no bias: its mean over many seeds is the exact answer', () => {
    const n = 6
    const game = randomGame(createRandom(3), n, 20, 6)
    const mean = new Float64Array(n)
    const seeds = 20_000
    for (let seed = 0; seed < seeds; seed++)
      estimateGame(unbiasedKernelShap, game, 4, streamOf(seed)).values.forEach(
        (value, i) => (mean[i]! += value / seeds),
      )
    expect(relativeError(mean, game)).toBeLessThan(3e-4)
  })

  it('is the formula of Covert and Lee with their expected matrix, but for the control variate of equal shares', () => {
    const n = 7
    const game = randomGame(createRandom(3), n)
    const plan = unbiasedKernelShap.plan(n, 40, createRandom(1))
    const values = valuesOf(game, plan)
    const [empty, full] = [1.5, 4]
    const { values: actual } = unbiasedKernelShap.solve(plan, values, empty, full)

    // b = mean of 1_S·(v(S) − v(∅)) with equal shares taken off; A_ii = ½ and A_ij as in the paper.
    const share = (full - empty) / n
    const b = new Float64Array(n)
    for (let c = 0; c < plan.coalitionCount; c++) {
      const members = plan.coalitions.subarray(c * n, (c + 1) * n)
      const rest = values[c]! - empty - share * members.reduce((sum, member) => sum + member, 0)
      members.forEach((member, i) => (b[i]! += (member * rest) / plan.coalitionCount))
    }
    const eigenvalue = 1 / 2 - covertLeeOffDiagonal(n)
    const mean = b.reduce((sum, x) => sum + x, 0) / n
    actual.forEach((value, i) => expect(value).toBeCloseTo(share + (b[i]! - mean) / eigenvalue, 10))
  })
})

describe('the odd-term regression', () => {
  const n = 10

  it('is exact when the support holds every odd term of the game', () => {
    const random = createRandom(4)
    const terms = Array.from({ length: 12 }, () => ({ players: randomPlayers(random, n, 3), amount: random.normal() }))
    const game = unanimityGame(n, [...terms, { players: [1, 4], amount: 2 }])
    const estimator = oddTerms(terms.map(({ players }) => players))
    const { values, standardErrors } = estimateGame(estimator, game, 100, createRandom(1))
    expect(relativeError(values, game)).toBeLessThan(1e-16)
    standardErrors!.forEach((error) => expect(error).toBeLessThan(1e-8))
    expect(relativeError(estimateGame(leverageShap, game, 100, createRandom(1)).values, game)).toBeGreaterThan(1e-4)
  })

  it('leaves out the terms that the budget cannot bear', () => {
    const game = randomGame(createRandom(5), n)
    const triples = Array.from({ length: 30 }, (_, at): OddTerm => [
      at % n,
      (at + 1) % n,
      (at + 2 + Math.floor(at / n)) % n,
    ])
    const estimate = estimateGame(oddTerms(triples), game, 2 * n, createRandom(1))
    expect(estimate).toEqual(estimateGame(oddTerms([]), game, 2 * n, createRandom(1)))
  })

  it('knows its error with terms in the support', () => {
    const runs = 100
    let inside = 0
    for (let seed = 0; seed < runs; seed++) {
      const game = randomGame(streamOf(seed), n)
      const { values, standardErrors } = estimateGame(oddTerms(someSupport), game, 200, streamOf(seed))
      inside += values.filter((value, i) => Math.abs(value - game.shapley[i]!) < 2 * standardErrors![i]!).length
    }
    expect(inside / (runs * n)).toBeGreaterThan(0.88)
    expect(inside / (runs * n)).toBeLessThan(0.98)
  })

  it.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 10]], [[3]]])('refuses the term %j', (term) => {
    expect(() => oddTerms([term]).plan(n, 100, createRandom(1))).toThrow('no odd term')
  })
})

it('antithetic permutations have no standard error after a single walk', () => {
  const { standardErrors } = estimateGame(antitheticPermutations, randomGame(createRandom(1), 6), 10, createRandom(1))
  expect(standardErrors).toBeUndefined()
})

it.each([kernelShap, leverageShap, leverageShapWithReplacement, unbiasedKernelShap, antitheticPermutations])(
  'with a hundredfold budget the error falls about a hundredfold or more: $name',
  (estimator) => {
    const n = 20
    const [few, many] = [60, 6000].map((budget) => meanError(estimator, n, budget))
    expect(many! / few!).toBeLessThan(0.03)
  },
)

function meanError(estimator: ShapleyEstimator, n: number, budget: number): number {
  let sum = 0
  for (let seed = 0; seed < 6; seed++) {
    const game = randomGame(streamOf(seed), n)
    sum += relativeError(estimateGame(estimator, game, budget, streamOf(seed)).values, game) / 6
  }
  return sum
}

function relativeError(values: Float64Array, { shapley }: KnownGame): number {
  let [error, norm] = [0, 0]
  shapley.forEach((value, i) => {
    error += (values[i]! - value) ** 2
    norm += value ** 2
  })
  return error / norm
}

function keysOf({ playerCount, coalitionCount, coalitions }: CoalitionPlan): string[] {
  return Array.from({ length: coalitionCount }, (_, c) =>
    coalitions.subarray(c * playerCount, (c + 1) * playerCount).join(''),
  )
}

/** How many coalitions of each size. */
function sizesOf(plan: CoalitionPlan): number[] {
  const counts = new Array<number>(plan.playerCount + 1).fill(0)
  for (const key of keysOf(plan)) counts[key.replaceAll('0', '').length]!++
  return counts
}

/** A_ij = 1/(n(n−1)) · Σ_{k=2}^{n−1} (k−1)/(n−k) / Σ_{k=1}^{n−1} 1/(k(n−k)). */
function covertLeeOffDiagonal(n: number): number {
  let [above, below] = [0, 0]
  for (let k = 2; k < n; k++) above += (k - 1) / (n - k)
  for (let k = 1; k < n; k++) below += 1 / (k * (n - k))
  return above / below / (n * (n - 1))
}
