import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const draws = 20_000

function sample(draw: () => number): number[] {
  return Array.from({ length: draws }, draw)
}

function moments(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
}

describe('a random stream', () => {
  it('is the same for the same seed and another for another seed', () => {
    const first = sample(createRandom(7).uniform)
    expect(sample(createRandom(7).uniform)).toEqual(first)
    expect(sample(createRandom(8).uniform)).not.toEqual(first)
  })

  it('draws uniform numbers in [0, 1) with the mean and variance they should have', () => {
    const values = sample(createRandom(1).uniform)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    const { mean, variance } = moments(values)
    expect(mean).toBeCloseTo(1 / 2, 1.5)
    expect(variance).toBeCloseTo(1 / 12, 2)
  })

  it('draws finite normal numbers with mean 0 and variance 1', () => {
    const values = sample(createRandom(2).normal)
    expect(values.every(Number.isFinite)).toBe(true)
    const { mean, variance } = moments(values)
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  it('draws every whole number below n about equally often', () => {
    const random = createRandom(3)
    const counts = [0, 0, 0, 0, 0]
    for (let i = 0; i < draws; i++) counts[random.below(5)]! += 1
    for (const count of counts) expect(Math.abs(count / draws - 0.2)).toBeLessThan(0.02)
  })
})
