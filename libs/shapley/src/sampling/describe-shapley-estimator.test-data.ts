import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bruteForceShapley } from '../brute-force.ts'
import {
  additiveGame,
  emptyOf,
  estimateGame,
  fullOf,
  randomGame,
  solveGame,
  streamOf,
  valuesOf,
  type KnownGame,
} from './games.test-data.ts'
import type { CoalitionPlan, ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'

/** What an estimator has exactly at any budget; otherwise within its error. */
export interface Promises {
  readonly additiveExact: boolean
  readonly dummyExact: boolean
}

const settings = { seed: 20261122, numRuns: 40 }
const playerCounts = [2, 3, 5, 12, 60]
/** Enough for every estimator: 4n pairs. */
const ample = (playerCount: number) => 8 * playerCount

/** What every estimator of Shapley values owes its callers. */
export function describeShapleyEstimator(estimator: ShapleyEstimator, { additiveExact, dummyExact }: Promises): void {
  describe(`the estimator ${estimator.name}`, () => {
    it('is exact and says so when the budget reaches every coalition', () => {
      for (let n = 1; n <= 10; n++) {
        const game = randomGame(createRandom(n), n)
        const plan = estimator.plan(n, 2 ** n - 2, createRandom(1))
        expect(plan).toMatchObject({ coalitionCount: 2 ** n - 2, exact: true })
        const { values, standardErrors, exact } = solveGame(estimator, game, plan)
        expectClose(values, bruteForceShapley({ playerCount: n, value: (c) => game.value(bitsOf(c, n), 0) }), 1e-12)
        expect(exact).toBe(true)
        expect(standardErrors).toEqual(new Float64Array(n))
      }
    })

    it('asks at most as many coalitions as the budget, and neither nobody nor everybody', () => {
      const request = fc.record({
        seed: fc.integer(),
        n: fc.integer({ min: 2, max: 60 }),
        budget: fc.integer({ min: 2, max: 600 }),
      })
      fc.assert(
        fc.property(request, ({ seed, n, budget }) => {
          fc.pre(budget >= leastBudget(estimator, n))
          const plan = estimator.plan(n, budget, streamOf(seed))
          expect(plan.coalitionCount).toBeLessThanOrEqual(budget)
          expect(plan.coalitions).toHaveLength(plan.coalitionCount * n)
          const sizes = coalitionSizes(plan)
          expect(Math.min(...sizes)).toBeGreaterThan(0)
          expect(Math.max(...sizes)).toBeLessThan(n)
        }),
        settings,
      )
    })

    it('shares out the whole payout, at the least budget too', () => {
      for (const n of [...playerCounts, 200])
        for (const budget of [leastBudget(estimator, n), ample(n)]) {
          const game = randomGame(createRandom(n), n)
          const { values } = estimateGame(estimator, game, budget, createRandom(5))
          const sum = values.reduce((total, value) => total + value, 0)
          expect(Math.abs(sum - (fullOf(game) - emptyOf(game)))).toBeLessThan(1e-10 * n)
        }
    })

    it(`gives each player of an additive game what the player brings${additiveExact ? '' : ', within its error'}`, () => {
      for (const n of [...playerCounts, 200]) {
        const game = additiveGame(
          Array.from({ length: n }, (_, i) => Math.sin(7 * i) + 0.1),
          4,
        )
        if (additiveExact)
          expectClose(estimateGame(estimator, game, ample(n), createRandom(3)).values, game.shapley, 1e-8)
        else expectWithinError(estimator, game)
      }
    })

    it(`gives a player who never matters ${dummyExact ? 'exactly nothing' : 'nothing within its error'}`, () => {
      for (const n of playerCounts) {
        const inner = randomGame(createRandom(n), n - 1)
        const game = { ...inner, playerCount: n, shapley: Float64Array.of(...inner.shapley, 0) }
        const estimate = estimateGame(estimator, game, ample(n), createRandom(6))
        if (dummyExact) expect(Math.abs(estimate.values[n - 1]!)).toBeLessThan(1e-12)
        else expect(errorsIn(estimate, game)[n - 1]).toBeLessThan(4)
      }
    })

    it('gives players who can stand for each other the same, within its error', () => {
      for (const n of [3, 8, 20]) {
        const game = {
          playerCount: n,
          value: (members: Uint8Array, from: number) =>
            (members.subarray(from, from + n).reduce((sum, member) => sum + member, 0) / n) ** 3,
          shapley: new Float64Array(n).fill(1 / n),
        }
        expectWithinError(estimator, game)
      }
    })

    it('is linear: the contributions to a sum of games are the sums of the contributions', () => {
      for (const n of playerCounts) {
        const [one, other] = [randomGame(createRandom(n), n), randomGame(createRandom(n + 1), n)]
        const plan = estimator.plan(n, ample(n), createRandom(2))
        const [first, second] = [valuesOf(one, plan), valuesOf(other, plan)]
        const both = estimator.solve(
          plan,
          first.map((value, c) => 2 * value - 3 * second[c]!),
          2 * emptyOf(one) - 3 * emptyOf(other),
          2 * fullOf(one) - 3 * fullOf(other),
        )
        const apart = [solveGame(estimator, one, plan).values, solveGame(estimator, other, plan).values] as const
        expectClose(
          both.values,
          apart[0].map((value, i) => 2 * value - 3 * apart[1][i]!),
          1e-8,
        )
      }
    })

    it('is off by about its standard errors', () => {
      for (const [n, budget] of [
        [8, 160],
        [20, 600],
        [40, 1600],
      ] as const) {
        const runs = 20
        let inside = 0
        for (let seed = 0; seed < runs; seed++) {
          const game = randomGame(streamOf(seed), n)
          const estimate = estimateGame(estimator, game, budget, streamOf(1000 + seed))
          inside += errorsIn(estimate, game).filter((error) => error < 2).length / (runs * n)
        }
        // 95 % were the errors known; they are themselves estimated, from as few as eleven walks.
        expect(inside).toBeGreaterThan(0.87)
        expect(inside).toBeLessThan(0.98)
      }
    })

    it('gives the same bytes for the same seed', () => {
      for (const n of playerCounts) {
        const game = randomGame(createRandom(n), n)
        const again = () => {
          const plan = estimator.plan(n, ample(n), createRandom(11))
          const { values, standardErrors } = solveGame(estimator, game, plan)
          return [plan.coalitions, values, standardErrors!].map((array) => new Uint8Array(array.buffer).join())
        }
        expect(again()).toEqual(again())
      }
    })

    it('refuses a budget that is too small and names the least', () => {
      for (const n of playerCounts.slice(1)) {
        const least = leastBudget(estimator, n)
        expect(() => estimator.plan(n, least - 1, createRandom(1))).toThrow(
          expect.objectContaining({ code: 'BUDGET_TOO_SMALL', message: expect.stringMatching(`at least ${least}$`) }),
        )
      }
    })

    it('refuses a game without players, and values of another number than planned', () => {
      expect(() => estimator.plan(0, 10, createRandom(1))).toThrow(expect.objectContaining({ code: 'NO_PLAYERS' }))
      const plan = estimator.plan(5, 12, createRandom(1))
      expect(() => estimator.solve(plan, new Float64Array(3), 0, 1)).toThrow(
        expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
      )
    })
  })
}

function leastBudget(estimator: ShapleyEstimator, n: number): number {
  let budget = 0
  for (;;)
    try {
      estimator.plan(n, budget, createRandom(1))
      return budget
    } catch {
      budget++
    }
}

function coalitionSizes({ playerCount, coalitionCount, coalitions }: CoalitionPlan): Uint8Array {
  const sizes = new Uint8Array(coalitionCount)
  coalitions.forEach((member, at) => (sizes[Math.floor(at / playerCount)]! += member))
  return sizes
}

function expectWithinError(estimator: ShapleyEstimator, game: KnownGame): void {
  const estimate = estimateGame(estimator, game, 40 * game.playerCount, createRandom(9))
  expect(Math.max(...errorsIn(estimate, game))).toBeLessThan(5)
}

/** Distances from the Shapley values in standard errors; rounding does not count. */
function errorsIn({ values, standardErrors }: ShapleyEstimate, { shapley }: KnownGame): number[] {
  return Array.from(
    values,
    (value, i) => Math.max(Math.abs(value - shapley[i]!) - 1e-9, 0) / (standardErrors![i]! + 1e-12),
  )
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(actual).toHaveLength(expected.length)
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(tolerance)
}

function bitsOf(coalition: number, n: number): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => (coalition >> i) & 1)
}
