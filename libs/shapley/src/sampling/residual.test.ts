import { createRandom, studentHalfWidth } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamOf } from './games.test-data.ts'
import { pairRowsInto } from './pair-rows.ts'
import type { PairPlan } from './pair-plan.ts'
import { planPairs } from './plan-pairs.ts'
import { solveResidual, type ResidualSolution } from './solve-residual.ts'

const settings = { seed: 20261122, numRuns: 100 }

describe('a plan of pairs', () => {
  it('begins like the plan of more pairs from the same seed, but for the common factor of the weights', () => {
    const request = fc.record({
      seed: fc.integer(),
      playerCount: fc.integer({ min: 2, max: 30 }),
      referenceCount: fc.integer({ min: 1, max: 40 }),
      few: fc.integer({ min: 1, max: 60 }),
      more: fc.integer({ min: 0, max: 60 }),
    })
    fc.assert(
      fc.property(request, ({ seed, few, more, ...rest }) => {
        const short = planPairs({ ...rest, pairCount: few }, createRandom(seed))
        const long = planPairs({ ...rest, pairCount: few + more }, createRandom(seed))
        expect(long.coalitions.slice(0, short.coalitions.length)).toEqual(short.coalitions)
        expect(long.referenceRows.slice(0, few)).toEqual(short.referenceRows)
        const factor = long.weights[0]! / short.weights[0]!
        short.weights.forEach((weight, k) => expect(long.weights[k]).toBeCloseTo(factor * weight, 12))
      }),
      settings,
    )
  })

  it('has coalitions of every size but none and all, by the law, and each player in half of them', () => {
    const n = 12
    const pairCount = 20_000
    const plan = planPairs({ playerCount: n, referenceCount: 7, pairCount }, createRandom(1))
    const bySize = new Float64Array(n + 1)
    const byPlayer = new Float64Array(n)
    for (let k = 0; k < pairCount; k++) {
      const coalition = plan.coalitions.subarray(k * n, (k + 1) * n)
      bySize[coalition.reduce((sum, member) => sum + member, 0)]! += 1 / pairCount
      coalition.forEach((member, i) => (byPlayer[i]! += member / pairCount))
    }
    const law = Array.from(bySize, (_, s) => (s === 0 || s === n ? 0 : 1 / Math.sqrt(s * (n - s))))
    const sum = law.reduce((total, chance) => total + chance, 0)
    law.forEach((chance, s) => expect(Math.abs(bySize[s]! - chance / sum)).toBeLessThan(1e-3))
    byPlayer.forEach((share) => expect(Math.abs(share - 1 / 2)).toBeLessThan(0.02))
  })

  it('uses every reference row once before any comes again, in another order', () => {
    const plan = planPairs({ playerCount: 5, referenceCount: 10, pairCount: 25 }, createRandom(4))
    const [first, second] = [plan.referenceRows.slice(0, 10), plan.referenceRows.slice(10, 20)]
    expect(first.toSorted()).toEqual(Int32Array.from({ length: 10 }, (_, i) => i))
    expect(second.toSorted()).toEqual(first.toSorted())
    expect(second).not.toEqual(first)
    expect(new Set(plan.referenceRows.slice(20)).size).toBe(5)
  })

  it('has weights of mean 1', () => {
    const { weights } = planPairs({ playerCount: 9, referenceCount: 3, pairCount: 77 }, createRandom(4))
    expect(weights.reduce((sum, weight) => sum + weight, 0) / 77).toBeCloseTo(1, 12)
  })

  it('weighs a pair with the Shapley kernel over the chance of its size: as 1/√(s(n−s))', () => {
    const n = 9
    const { coalitions, weights } = planPairs({ playerCount: n, referenceCount: 3, pairCount: 50 }, createRandom(4))
    const scaled = Array.from(weights, (weight, k) => {
      const size = coalitions.subarray(k * n, (k + 1) * n).reduce((sum, member) => sum + member, 0)
      return weight * Math.sqrt(size * (n - size))
    })
    scaled.forEach((product) => expect(product).toBeCloseTo(scaled[0]!, 12))
  })

  it('splits two players one to one', () => {
    const plan = planPairs({ playerCount: 2, referenceCount: 3, pairCount: 20 }, createRandom(4))
    for (let k = 0; k < 20; k++) expect(plan.coalitions[2 * k]! + plan.coalitions[2 * k + 1]!).toBe(1)
    expect(plan.weights).toEqual(new Float64Array(20).fill(1))
  })

  it('is empty for a single player, whatever was asked for', () => {
    expect(planPairs({ playerCount: 1, referenceCount: 3, pairCount: 20 }, createRandom(4)).pairCount).toBe(0)
  })

  it('is refused without players or reference rows', () => {
    const request = { playerCount: 3, referenceCount: 3, pairCount: 5 }
    expect(() => planPairs({ ...request, playerCount: 0 }, createRandom(1))).toThrow(
      expect.objectContaining({ code: 'NO_PLAYERS' }),
    )
    expect(() => planPairs({ ...request, referenceCount: 0 }, createRandom(1))).toThrow(
      expect.objectContaining({ code: 'BACKGROUND_EMPTY' }),
    )
  })
})

it('the rows of a pair swap the features of its coalition, groups as a whole', () => {
  const plan: PairPlan = {
    playerCount: 2,
    pairCount: 2,
    coalitions: Uint8Array.of(1, 0, 0, 1),
    referenceRows: Int32Array.of(1, 0),
    weights: Float64Array.of(1, 1),
  }
  const players = { count: 2, ofFeature: Int32Array.of(0, 1, 0) }
  const background = { rows: Float32Array.of(10, 11, 12, 20, 21, 22), rowCount: 2 }
  const out = new Float32Array(12)
  pairRowsInto(plan, 0, 2, players, Float32Array.of(1, 2, 3), background, out)
  expect(Array.from(out)).toEqual([1, 21, 3, 20, 2, 22, 10, 2, 12, 1, 11, 3])

  const second = new Float32Array(6)
  pairRowsInto(plan, 1, 2, players, Float32Array.of(1, 2, 3), background, second)
  expect(second).toEqual(out.slice(6))
})

describe("the residual's contributions", () => {
  it('are found exactly when the residual is additive', () => {
    for (const playerCount of [2, 3, 12, 60]) {
      const truth = Float64Array.from({ length: playerCount }, (_, i) => Math.sin(3 * i) - 0.2)
      const plan = planPairs({ playerCount, referenceCount: 10, pairCount: 8 * playerCount }, createRandom(2))
      const { values, standardErrors } = solve(plan, additive(plan, truth), {
        total: sum(truth),
        ridge: 1e-9,
        noise: 0,
      })
      truth.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 8))
      standardErrors.forEach((error) => expect(error).toBeLessThan(1e-5))
    }
  })

  it('are those of the ridge formula, written with dense matrices and inverted by brute force', () => {
    const plan = planPairs({ playerCount: 4, referenceCount: 5, pairCount: 9 }, createRandom(3))
    const differences = Float64Array.from({ length: 9 }, (_, k) => Math.cos(5 * k))
    const problem = { total: 0.7, ridge: 3, noise: 0.4 }
    const expected = denseSolution(plan, differences, problem)
    const { values, covariance, standardErrors, degreesOfFreedom } = solve(plan, differences, problem)
    expected.values.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12))
    expected.covariance.forEach((entry, at) => expect(covariance[at]).toBeCloseTo(entry, 12))
    expect(standardErrors[2]).toBeCloseTo(Math.sqrt(expected.covariance[10]!), 12)
    expect(degreesOfFreedom).toBe(13)
  })

  it('sum to the total whatever the data, to 12 digits', () => {
    const game = fc.record({
      seed: fc.integer(),
      playerCount: fc.integer({ min: 1, max: 40 }),
      pairCount: fc.integer({ min: 0, max: 80 }),
      total: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      ridge: fc.constantFrom(1e-6, 1, 100),
    })
    fc.assert(
      fc.property(game, ({ seed, total, ridge, ...request }) => {
        const random = createRandom(seed)
        const plan = planPairs({ ...request, referenceCount: 6 }, random)
        const differences = Float64Array.from({ length: plan.pairCount }, random.normal)
        const { values } = solve(plan, differences, { total, ridge, noise: 1 })
        expect(Math.abs(sum(values) - total)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(total)))
      }),
      settings,
    )
  })

  it('lie in their 95 % intervals 95 times of 100 when the noise is normal and the prior right', () => {
    const playerCount = 8
    for (const pairCount of [0, 4, 40]) {
      let inside = 0
      const games = 1500
      for (let seed = 0; seed < games; seed++) inside += coverage(seed, playerCount, pairCount) / games
      expect(inside).toBeGreaterThan(0.94)
      expect(inside).toBeLessThan(0.96)
    }
  })

  it('of some of the pairs are those of a plan of so many', () => {
    const request = { playerCount: 6, referenceCount: 5 }
    const long = planPairs({ ...request, pairCount: 50 }, createRandom(8))
    const short = planPairs({ ...request, pairCount: 20 }, createRandom(8))
    const differences = Float64Array.from({ length: 50 }, (_, k) => Math.sin(k * k))
    const problem = { total: 1, ridge: 10, noise: 0.1 }
    const part = solveResidual({ plan: long, pairCount: 20, differences, ...problem })
    const whole = solveResidual({ plan: short, pairCount: 20, differences, ...problem })
    whole.values.forEach((value, i) => expect(part.values[i]).toBeCloseTo(value, 13))
    whole.covariance.forEach((entry, at) => expect(part.covariance[at]).toBeCloseTo(entry, 13))
  })

  it('are equal shares with the interval of the prior when no pair was asked', () => {
    const plan = planPairs({ playerCount: 4, referenceCount: 5, pairCount: 0 }, createRandom(1))
    const { values, standardErrors, degreesOfFreedom } = solve(plan, new Float64Array(0), {
      total: 2,
      ridge: 100,
      noise: 0.09,
    })
    expect(values).toEqual(new Float64Array(4).fill(0.5))
    // The prior's variance noise/ridge, less the common part that the total fixes.
    standardErrors.forEach((error) => expect(error).toBeCloseTo(Math.sqrt((0.09 / 100) * (3 / 4)), 12))
    expect(degreesOfFreedom).toBe(4)
  })

  it('give a single player the total, for sure', () => {
    const plan = planPairs({ playerCount: 1, referenceCount: 5, pairCount: 9 }, createRandom(1))
    const solution = solve(plan, new Float64Array(0), { total: 2, ridge: 100, noise: 1 })
    expect([...solution.values, ...solution.standardErrors]).toEqual([2, 0])
  })

  it('are refused when there are fewer differences or planned pairs than pairs to use', () => {
    const plan = planPairs({ playerCount: 3, referenceCount: 5, pairCount: 9 }, createRandom(1))
    const problem = { plan, total: 1, ridge: 1, noise: 1 }
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    expect(() => solveResidual({ ...problem, pairCount: 9, differences: new Float64Array(8) })).toThrow(mismatch)
    expect(() => solveResidual({ ...problem, pairCount: 10, differences: new Float64Array(10) })).toThrow(mismatch)
  })
})

interface Problem {
  readonly total: number
  readonly ridge: number
  readonly noise: number
}

function solve(plan: PairPlan, differences: Float64Array, problem: Problem): ResidualSolution {
  return solveResidual({ plan, pairCount: plan.pairCount, differences, ...problem })
}

/** Differences of a game whose residual is Σ truth_i·1[i ∈ S]. */
function additive({ playerCount: n, pairCount, coalitions }: PairPlan, truth: Float64Array): Float64Array {
  return Float64Array.from({ length: pairCount }, (_, k) =>
    truth.reduce((difference, value, i) => difference + value * (2 * coalitions[k * n + i]! - 1), 0),
  )
}

/** Share of the players whose contribution, drawn from the prior, lies in the interval computed from noisy differences. */
function coverage(seed: number, playerCount: number, pairCount: number): number {
  const random = streamOf(seed)
  const plan = planPairs({ playerCount, referenceCount: 9, pairCount }, random)
  const [noise, ridge] = [0.3, 5]
  const truth = Float64Array.from({ length: playerCount }, () => Math.sqrt(noise / ridge) * random.normal())
  // The variance itself is drawn from what the solution takes it to be: noise·4/χ²₄.
  const chiSquare = [1, 2, 3, 4].reduce((total) => total + random.normal() ** 2, 0)
  const scale = Math.sqrt(4 / chiSquare)
  const exact = additive(plan, truth)
  const differences = exact.map(
    (difference, k) => scale * (difference + Math.sqrt(noise / plan.weights[k]!) * random.normal()),
  )
  const total = scale * sum(truth)
  const { values, standardErrors, degreesOfFreedom } = solve(plan, differences, { total, ridge, noise })
  const halfWidth = studentHalfWidth(0.95, degreesOfFreedom)
  const inside = values.filter((value, i) => Math.abs(value - scale * truth[i]!) <= halfWidth * standardErrors[i]!)
  return inside.length / playerCount
}

/** The solution as algorithms write it: centred signs Z, (ZᵀWZ + λ)⁻¹, projected on both sides. */
function denseSolution({ playerCount: n, coalitions, weights }: PairPlan, differences: Float64Array, problem: Problem) {
  const rows = Array.from(differences, (_, k) => {
    const signs = Array.from(coalitions.subarray(k * n, (k + 1) * n), (member) => 2 * member - 1)
    const mean = signs.reduce((total, sign) => total + sign, 0) / n
    return { z: signs.map((sign) => sign - mean), r: differences[k]! - mean * problem.total, w: weights[k]! }
  })
  const matrix = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) =>
      rows.reduce((total, { z, w }) => total + w * z[i]! * z[j]!, i === j ? problem.ridge : 0),
    ),
  )
  const inverse = gaussJordan(matrix)
  const moment = Array.from({ length: n }, (_, i) => rows.reduce((total, { z, r, w }) => total + w * z[i]! * r, 0))
  const u = inverse.map((row) => row.reduce((total, entry, j) => total + entry * moment[j]!, 0))
  const squares = rows.reduce((total, { r, w }) => total + w * r * r, 0)
  const loss = squares - u.reduce((total, x, i) => total + x * moment[i]!, 0)
  const variance = (4 * problem.noise + loss) / (4 + rows.length)
  const projection = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j) - 1 / n))
  const covariance = multiply(multiply(projection, inverse), projection).flat()
  return { values: u.map((x) => x + problem.total / n), covariance: covariance.map((entry) => variance * entry) }
}

function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((total, x, k) => total + x * b[k]![j]!, 0)))
}

function gaussJordan(matrix: number[][]): number[][] {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => +(i === j))])
  for (let i = 0; i < n; i++) {
    rows[i] = rows[i]!.map((x) => x / rows[i]![i]!)
    for (let k = 0; k < n; k++) if (k !== i) rows[k] = rows[k]!.map((x, j) => x - rows[k]![i]! * rows[i]![j]!)
  }
  return rows.map((row) => row.slice(n))
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
