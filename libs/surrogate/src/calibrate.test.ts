import { createRandom, studentHalfWidth, type Random } from '@raison/numerics'
import { planPairs, solveResidual } from '@raison/shapley'
import { describe, expect, it } from 'vitest'
import { calibrate, mostAdverse, type HeldOutRow, type MeasuredPairs } from './calibrate.ts'

const playerCount = 8
const pairCount = 128

interface KnownRow extends HeldOutRow {
  /** φ(f; x), which a calibration never sees. */
  readonly values: Float64Array
}

/** A residual that is additive but for noise, beside a surrogate whose own contributions are off by `quadrature`. */
function drawRow(random: Random, quadrature: number): KnownRow {
  const residual = Float64Array.from({ length: playerCount }, () => 0.1 * random.normal())
  const exactValues = Float64Array.from({ length: playerCount }, () => random.normal())
  const values = exactValues.map((value, i) => value + residual[i]!)
  const pairs = (): MeasuredPairs => {
    const plan = planPairs({ playerCount, referenceCount: 20, pairCount }, random)
    const differences = Float64Array.from({ length: pairCount }, (_, k) => {
      const signs = plan.coalitions.subarray(k * playerCount, (k + 1) * playerCount)
      return residual.reduce((sum, value, i) => sum + (signs[i] === 1 ? value : -value), 0.5 * random.normal())
    })
    return { plan, differences }
  }
  return {
    values,
    exactValues,
    surrogateValues: exactValues.map((value) => value + quadrature * random.normal()),
    total: values.reduce((sum, value) => sum + value, 0),
    trial: pairs(),
    truth: pairs(),
  }
}

const draw = (seed: number, count: number, quadrature = 0): KnownRow[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => drawRow(random, quadrature))
}

/** Share of the contributions of fresh rows inside their intervals, with the budget's ridge and factor. */
function coverageOf(calibration: ReturnType<typeof calibrate>, at: number, fresh: readonly KnownRow[]): number {
  const { rows, ridge, factor } = calibration.budgets[at]!
  const hits = fresh.flatMap(({ values, surrogateValues, total, trial: { plan, differences } }) => {
    const left = total - surrogateValues.reduce((sum, value) => sum + value, 0)
    const problem = { plan, pairCount: rows / 2, differences, total: left, ridge, noise: calibration.noise }
    const solution = solveResidual(problem)
    const width = factor * studentHalfWidth(0.95, solution.degreesOfFreedom)
    return Array.from(values, (value, i) =>
      Math.abs(surrogateValues[i]! + solution.values[i]! - value) <= width * solution.standardErrors[i]! ? 1 : 0,
    )
  })
  return hits.reduce((sum: number, hit) => sum + hit, 0) / hits.length
}

describe('calibration', () => {
  it('makes intervals cover 95 % at every budget, although the truth is as noisy as the largest of them', () => {
    const calibration = calibrate(draw(1, 300), [64, 256], 1)
    for (const at of [0, 1]) {
      const coverage = coverageOf(calibration, at, draw(2, 400))
      expect(coverage).toBeGreaterThan(0.93)
      expect(coverage).toBeLessThan(0.97)
    }
  })

  it('widens intervals for what few quadrature nodes leave out', () => {
    const calibration = calibrate(draw(3, 300, 0.03), [256], 1)
    const coverage = coverageOf(calibration, 0, draw(4, 400, 0.03))
    expect(coverage).toBeGreaterThan(0.93)
    expect(coverage).toBeLessThan(0.97)
  })

  it('does not count the error of the truth as the budget’s own', () => {
    const rows = draw(5, 300)
    const { noise, budgets } = calibrate(rows, [256], 1)
    const { ridge, error } = budgets[0]!
    const actual = rows
      .map(({ values, exactValues, total, trial: { plan, differences } }) => {
        const left = total - exactValues.reduce((sum, value) => sum + value, 0)
        const solution = solveResidual({ plan, pairCount, differences, total: left, ridge, noise })
        const squares = solution.values.reduce((sum, value, i) => sum + (exactValues[i]! + value - values[i]!) ** 2, 0)
        return squares / values.reduce((sum, value) => sum + value ** 2, 0)
      })
      .sort((a, b) => a - b)[150]!
    expect(error / actual).toBeGreaterThan(0.8)
    expect(error / actual).toBeLessThan(1.25)
  })

  it('never says of a single row that nothing is left to err', () => {
    for (let seed = 10; seed < 40; seed++)
      for (const { factor, reasonFactor } of calibrate(draw(seed, 1), [16, 64], 1).budgets) {
        expect(factor).toBeGreaterThanOrEqual(0.5)
        expect(reasonFactor).toBeGreaterThanOrEqual(factor)
      }
  })

  it('gives reasons wider intervals where adverse contributions err more than others', () => {
    const erring = (seed: number, count: number): KnownRow[] => {
      const random = createRandom(seed)
      return draw(seed, count).map((row) => {
        const surrogateValues = row.surrogateValues.map((value) => value + Math.max(0, value) * 0.1 * random.normal())
        return { ...row, surrogateValues }
      })
    }
    const { factor, reasonFactor } = calibrate(erring(6, 300), [256], 1).budgets[0]!
    expect(reasonFactor! / factor).toBeGreaterThan(1.1)
  })
})

describe('the most adverse players', () => {
  it('are four at most, the most adverse first, and none that helps the applicant', () => {
    expect(mostAdverse(Float64Array.of(1, -2, 5, 0, 3, 4, 2), 1)).toEqual([2, 5, 4, 6])
    expect(mostAdverse(Float64Array.of(1, -2, 5, 0, -3), -1)).toEqual([4, 1])
  })
})
