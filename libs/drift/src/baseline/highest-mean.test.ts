import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highestMean, highestRate } from './highest-mean.ts'

describe('the highest rate that a count leaves possible', () => {
  it.each([
    // scipy 1.17.1: scipy.stats.beta.ppf(1 − chance, times + 1, count − times).
    [0, 1, 0.05, 0.95],
    [0, 10, 0.5, 0.06696700846319258],
    [1, 10, 0.05, 0.39416330243650466],
    [5, 10, 0.025, 0.8129139715526015],
    [9, 10, 0.001, 0.9998999549714793],
    [300, 3000, 0.0001388888888888889, 0.12130475803240691],
    [0, 20_000, 3.6231884057971014e-5, 0.0005111478719784135],
    [9911, 20_000, 3.6231884057971014e-5, 0.5096030783014558],
    [19_999, 20_000, 3.6231884057971014e-5, 0.9999999981883729],
    [123_456, 10_000_000, 1e-6, 0.012512385545119731],
  ])('is that of Clopper and Pearson: %i times in %i, chance %d', (times, count, chance, expected) => {
    expect(Math.abs(highestRate(times, count, chance) / expected - 1)).toBeLessThan(1e-12)
  })

  it('is 1 for what always happened', () => {
    expect(highestRate(10, 10, 0.05)).toBe(1)
  })

  it('rises with the times, and falls with the chance of error and with more of the same', () => {
    fc.assert(
      fc.property(
        fc.nat(400),
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 1e-9, max: 0.4, noNaN: true }),
        (a, b, chance) => {
          const [times, count] = [Math.min(a, b - 1), b]
          const rate = highestRate(times, count, chance)
          expect(rate).toBeGreaterThan(times / count)
          expect(rate).toBeLessThanOrEqual(highestRate(times + 1, count, chance))
          expect(rate).toBeLessThan(highestRate(times, count, chance / 2))
          expect(highestRate(2 * times, 2 * count, chance)).toBeLessThan(rate)
        },
      ),
      { seed: 20261128, numRuns: 300 },
    )
  })

  it('is nearer than what the variance alone would say', () => {
    for (const times of [0, 3, 100, 1000, 1997, 2000]) {
      const often = times / 2000
      const moments = { mean: often, variance: (often * (1 - often) * 2000) / 1999 }
      expect(highestRate(times, 2000, 1e-4)).toBeLessThan(highestMean(moments, 2000, 1e-4))
    }
  })
})

it('the highest mean that a sample leaves possible is the empirical Bernstein bound', () => {
  // Theorem 4 of Maurer & Pontil 2009 by hand: ln(2/.02) = 4.60517.
  expect(highestMean({ mean: 0.3, variance: 0.04 }, 101, 0.02)).toBeCloseTo(0.3 + 0.0603958 + 0.107454, 6)
})
