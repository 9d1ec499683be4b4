import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topFourInto } from './statistics.ts'

describe('the four most adverse contributions', () => {
  const topFour = (contributions: readonly number[], adverse: 'high' | 'low' = 'high'): number[] => {
    const top = new Int32Array(4)
    const found = topFourInto(Float64Array.from(contributions), 0, contributions.length, adverse, top)
    return Array.from(top.subarray(0, found))
  }

  it('are the first four of a stable sort by falling contribution, whatever their number', () => {
    const contributions = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(contributions, (values) => {
        const sorted = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b)
        expect(topFour(values)).toEqual(sorted.filter((i) => values[i]! > 0).slice(0, 4))
      }),
      { seed: 20261123 },
    )
  })

  it('are the most negative ones where a low score is adverse', () => {
    expect(topFour([1, -1, -3, 0, -2, -1], 'low')).toEqual([2, 4, 1, 5])
  })

  it('are none when nothing is adverse', () => {
    expect(topFour([0, -1, -0])).toEqual([])
    expect(topFour([createRandom(1).uniform() + 1], 'low')).toEqual([])
  })
})
