import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { fitCosineBasis, layoutOf, writeInputs, type CosineBasis } from './cosine-basis.ts'
import { randomRows } from './random-network.test-data.ts'

describe('the inputs of a cosine network', () => {
  it('spread mid-ranks evenly over ±1.7, ties in the middle of their share', () => {
    const column = Float32Array.from({ length: 1000 }, (_, i) => (i < 500 ? i : 2000))
    const basis = fitCosineBasis(column, 1000, 1)
    const rank = (value: number): number => inputsOf(basis, value)[1]!
    expect(rank(2000)).toBeCloseTo(0.5 * 1.7, 2)
    expect(rank(250)).toBeCloseTo(-0.5 * 1.7, 2)
    expect(rank(-1e9)).toBeCloseTo(-1.7, 2)
    expect(rank(1e9)).toBe(rank(2000))
  })

  it('hold the standardised value compressed, clipped and as it is', () => {
    const basis = fitCosineBasis(Float32Array.of(-1, 1, -1, 1), 4, 1)
    const [compressed, , clipped, , standardised, one] = inputsOf(basis, 8)
    expect(compressed).toBeCloseTo(Math.asinh(16) / 1.4434, 6)
    expect(clipped).toBe(4)
    expect(standardised).toBe(8)
    expect(one).toBe(1)
  })

  it('mark a missing value and take the median for it, where one was missing or may be', () => {
    const rows = Float32Array.of(1, 5, 2, NaN, 9, 5, 4, 7)
    const basis = fitCosineBasis(rows, 4, 2, [false, false])
    expect([...basis.missingInputs]).toEqual([-1, 6])
    expect(basis.inputCount).toBe(7)
    expect(inputsOf(basis, NaN, 5)).toEqual(inputsOf(basis, 3, 5))
    const [missing, median] = [inputsOf(basis, 1, NaN), inputsOf(basis, 1, 5)]
    expect([missing[6], median[6]]).toEqual([1, 0])
    expect(missing.with(6, 0)).toEqual(median)
    expect([...fitCosineBasis(rows, 4, 2, [true, false]).missingInputs]).toEqual([6, 7])
  })

  it('are finite whatever the rows hold, learnt or not', () => {
    const random = createRandom(1)
    const odd = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, 0]
    for (const learnt of [[NaN, NaN], [Infinity, 1], [3.4e38, -3.4e38], [2], [...randomRows(random, 30, 1, 0.5)]]) {
      const basis = fitCosineBasis(Float32Array.from(learnt), learnt.length, 1)
      for (const value of odd) expect(inputsOf(basis, value).every(Number.isFinite)).toBe(true)
    }
  })

  it('are not learnt from nothing', () => {
    expect(() => fitCosineBasis(new Float32Array(0), 0, 3)).toThrow('at least one row')
  })
})

function inputsOf(basis: CosineBasis, ...row: number[]): Float32Array {
  const inputs = new Float32Array(layoutOf(basis).stride)
  writeInputs(basis, Float32Array.from(row), 1, inputs)
  return inputs
}
