import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstOfTexts, isAmongHighest, isAmongLowest } from '../statistics/landmarks.ts'
import { findLandmarks } from './find-landmarks.ts'

/** Those of one feature with these values. */
function landmarksOf(values: readonly number[]): { usual: number; lowest: number; highest: number } {
  const rows = Float64Array.from(values.flatMap((value) => [1, value]))
  const { usual, lowest, highest } = findLandmarks(1, rows, values.length)
  return { usual: usual[0]!, lowest: lowest[0]!, highest: highest[0]! }
}

describe('the usual value', () => {
  it('is the one that most explanations have, of several the smallest, and one that is missing', () => {
    expect(landmarksOf([3, 2, 2, 1]).usual).toBe(2)
    expect(landmarksOf([3, 1, 3, 1, 2]).usual).toBe(1)
    expect(landmarksOf([5, NaN, NaN, 4]).usual).toBe(NaN)
    expect(landmarksOf([NaN, -0, 0, NaN, 0]).usual).toBe(-0)
  })
})

describe('the lowest and the highest values', () => {
  it('are a tenth of the reference each where all differ', () => {
    expect(landmarksOf(Array.from({ length: 100 }, (_, k) => k))).toMatchObject({ lowest: 9, highest: 90 })
  })

  it('are as nearly a tenth as ties allow, of two as near the fewer', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(NaN, firstOfTexts + 5))
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), (values) => {
        const { lowest, highest } = landmarksOf(values)
        for (const [cut, isAmong] of [
          [lowest, isAmongLowest],
          [highest, isAmongHighest],
        ] as const) {
          const sizeOf = (at: number) => values.filter((each) => isAmong(each, at)).length
          const off = (at: number) => Math.abs(sizeOf(at) - values.length / 10)
          const numbers = values.filter((each) => each < firstOfTexts)
          const best = numbers.toSorted((a, b) => off(a) - off(b) || sizeOf(a) - sizeOf(b))[0]
          expect(cut).toBe(best ?? NaN)
        }
      }),
      { seed: 20261128, numRuns: 300 },
    )
  })

  it('are counted of all explanations, those without a number too', () => {
    const half = Array.from({ length: 200 }, (_, k) => (k % 2 === 0 ? k : NaN))
    expect(landmarksOf(half)).toMatchObject({ lowest: 38, highest: 160 })
  })

  it('are none where no value is a number, and no text or missing value is ever among them', () => {
    expect(landmarksOf([NaN, NaN, firstOfTexts + 7])).toMatchObject({ lowest: NaN, highest: NaN })
    expect(landmarksOf([Infinity, -Infinity])).toMatchObject({ lowest: NaN, highest: NaN })
    for (const value of [NaN, firstOfTexts, firstOfTexts + 2 ** 32 - 1])
      for (const cut of [-1, 0, 1e300, NaN])
        expect([isAmongLowest(value, cut), isAmongHighest(value, cut)]).toEqual([false, false])
    expect([isAmongHighest(firstOfTexts - 1, 3), isAmongHighest(firstOfTexts + 2 ** 32, 3)]).toEqual([true, true])
    expect([isAmongHighest(Infinity, 3), isAmongLowest(-Infinity, 3)]).toEqual([true, true])
  })
})
