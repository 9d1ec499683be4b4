import { describe, expect, it } from 'vitest'
import { settledTop, type Settled } from './settled-top.ts'

describe('the most adverse players', () => {
  it('are settled when each is ahead of all behind it by more than the error of the difference', () => {
    expect(settled([5, 4, 3, 2, 1, 0], 0.5)).toBe('order')
    expect(settled([5, 4, 3, 2, 1, 0], 0.8)).toBe('nothing')
    expect(settled([5, 4.9, 3, 2, 0.5, 0], 0.8)).toBe('set')
  })

  it('are settled by the errors of the differences, not by those of each value', () => {
    const n = 5
    // Errors common to all players leave the order alone.
    const common = new Float64Array(n * n).fill(100)
    for (let i = 0; i < n; i++) common[i * n + i]! += 0.01
    const question = { values: Float64Array.of(90, 80, 70, 60, 50), covariance: common, halfWidth: 2 }
    expect(settledTop({ ...question, adverseSign: 1 })).toBe('order')
    // Opposite errors double the one of the difference.
    const opposite = Float64Array.of(1, -1, -1, 1)
    const pair = { values: Float64Array.of(3, 1.5), covariance: opposite, adverseSign: 1, most: 2 } as const
    expect(settledTop({ ...pair, halfWidth: 0.7 })).toBe('order')
    expect(settledTop({ ...pair, halfWidth: 0.8 })).toBe('set')
  })

  it('may be in any order behind the last reported one', () => {
    expect(settled([5, 4, 3, 2, 0.5, 0.5, 0.49], 0.5)).toBe('order')
    expect(settled([5, 4, 3, 2, 1.9], 0.5)).toBe('nothing')
  })

  it('count on the side that is adverse', () => {
    expect(settled([-5, -4, -3, -2, 7, 6.9], 0.5, -1)).toBe('order')
    expect(settled([-5, -4, -3, -2, 7, 6.9], 0.5, 1)).toBe('set')
  })

  it('are fewer when fewer are adverse, and settled when the others certainly are not', () => {
    expect(settled([5, 4, -2, -2], 0.5)).toBe('order')
    expect(settled([5, 4, -0.3, -2], 0.5)).toBe('nothing')
    expect(settled([5, 0.3, -2, -2], 0.5)).toBe('nothing')
    expect(settled([-5, -2, -2, -2], 0.5)).toBe('order')
  })

  it('are settled without errors unless two of them are equal', () => {
    expect(settled([3, 2, 0], 0)).toBe('order')
    expect(settled([3, 3, 0], 0)).toBe('set')
  })
})

/** Independent errors of the same half width. */
function settled(values: readonly number[], halfWidth: number, adverseSign: 1 | -1 = 1): Settled {
  const n = values.length
  const covariance = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0))
  return settledTop({ values: Float64Array.from(values), covariance, halfWidth, adverseSign })
}
