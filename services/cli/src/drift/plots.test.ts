import { describe, expect, it } from 'vitest'
import { coarse } from './plots.ts'

describe('the bars of a distribution', () => {
  it('have as many bins each', () => {
    expect(coarse(new Uint32Array(1024).fill(3))).toEqual(new Array(32).fill(1 / 32))
    const lastOfFirst = coarse(new Uint32Array(1024).fill(1, 31, 32))
    expect([lastOfFirst[0], lastOfFirst[1]]).toEqual([1, 0])
  })
})
