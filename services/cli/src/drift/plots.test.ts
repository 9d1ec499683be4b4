import { describe, expect, it } from 'vitest'
import { coarse } from './plots.ts'

describe('the bars of a distribution', () => {
  it('have as many bins each', () => {
    expect(coarse(new Uint32Array(1024).fill(3), 3 * 1024)).toEqual(new Array(32).fill(1 / 32))
    const lastOfFirst = coarse(new Uint32Array(1024).fill(1, 31, 32), 1)
    expect([lastOfFirst[0], lastOfFirst[1]]).toEqual([1, 0])
  })

  it('are the first and the last where something is only so or not so', () => {
    expect(coarse(Uint32Array.of(3, 1), 4)).toEqual([0.75, ...new Array(30).fill(0), 0.25])
  })
})
