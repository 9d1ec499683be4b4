import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FrontStep } from './front-steps.ts'
import { applySteps, foldIntoLinear } from './front-steps.ts'

const operand = fc
  .array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 3 })
  .map((x) => Float32Array.from(x))
const anyArithmetic: fc.Arbitrary<FrontStep> = fc.record({
  operation: fc.constantFrom('subtract' as const, 'add' as const, 'multiply' as const, 'divide' as const),
  operand,
})
const imputer: FrontStep = { operation: 'impute', operand: Float32Array.of(5, 6, 7), replaced: NaN }

describe('steps in front of a linear model', () => {
  it('give the same sum folded into the coefficients as run over the rows', () => {
    fc.assert(
      fc.property(fc.array(anyArithmetic, { maxLength: 4 }), fc.boolean(), (arithmetic, hasImputer) => {
        const steps = hasImputer ? [imputer, ...arithmetic] : arithmetic
        const linear = { coefficients: Float64Array.of(2, -1, 0.5), intercept: 3 }
        const row = Float32Array.of(1, hasImputer ? NaN : 2, -4)
        const folded = foldIntoLinear(steps, linear)
        expect(folded.steps).toEqual(hasImputer ? [imputer] : [])
        const expected = sum(linear, run(steps, row))
        const difference = sum(folded, run(folded.steps, row)) - expected
        expect(Math.abs(difference)).toBeLessThan(1e-4 * (1 + Math.abs(expected)))
      }),
      { seed: 4, numRuns: 300 },
    )
  })

  it('are rounded to float32 one after the other', () => {
    const scaler: FrontStep[] = [
      { operation: 'subtract', operand: Float32Array.of(0.1, 0.1, 0.1) },
      { operation: 'multiply', operand: Float32Array.of(3, 3, 3) },
    ]
    const expected = Math.fround(Math.fround(0.7 - 0) - Math.fround(0.1))
    expect(run(scaler, Float32Array.of(0.7, 0.7, 0.7))[0]).toBe(Math.fround(expected * 3))
  })
})

function run(steps: readonly FrontStep[], row: Float32Array): Float32Array {
  const copy = row.slice()
  applySteps(steps, copy, 1)
  return copy
}

const sum = (linear: { coefficients: Float64Array; intercept: number }, row: Float32Array): number =>
  linear.coefficients.reduce((total, coefficient, i) => total + coefficient * row[i]!, linear.intercept)
