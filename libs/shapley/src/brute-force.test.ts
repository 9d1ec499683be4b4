import { describe, expect, it } from 'vitest'
import { bruteForceShapley } from './brute-force.ts'

describe('brute force', () => {
  it('shares the glove game as its textbook answer does: the single left glove is worth 2/3, each right glove 1/6', () => {
    const glove = { playerCount: 3, value: (coalition: number) => (coalition & 1 && coalition & 6 ? 1 : 0) }
    const [left, ...right] = bruteForceShapley(glove)
    expect(left).toBeCloseTo(2 / 3, 14)
    expect(right[0]).toBeCloseTo(1 / 6, 14)
    expect(right[1]).toBeCloseTo(1 / 6, 14)
  })

  it('gives each player of an additive game what the player brings', () => {
    const worth = [3, -1, 0, 2.5]
    const values = bruteForceShapley({
      playerCount: 4,
      value: (coalition) => worth.reduce((sum, amount, i) => sum + ((coalition >> i) & 1) * amount, 10),
    })
    worth.forEach((amount, i) => expect(values[i]).toBeCloseTo(amount, 12))
  })

  it('refuses a game too large to enumerate', () => {
    expect(() => bruteForceShapley({ playerCount: 25, value: () => 0 })).toThrow('25 players are too many')
  })
})
