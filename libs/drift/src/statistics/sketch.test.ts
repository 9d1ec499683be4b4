import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { binCount } from './scale.ts'
import { resolutionFor, sketchBin, sketchValue, toSketch } from './sketch.ts'

describe('the sketch of contributions', () => {
  const resolution = resolutionFor(3)

  it('keeps every contribution within 2 %, from a millionth of the largest to 700 times as much', () => {
    for (let contribution = 3.1e-6; contribution < 2000; contribution *= 1.013)
      for (const sign of [1, -1]) {
        const kept = sketchValue(sketchBin(sign * contribution, resolution), resolution)
        expect(Math.abs(kept / (sign * contribution) - 1)).toBeLessThanOrEqual(0.02 + 1e-12)
      }
  })

  it('counts what is smaller as zero, and what is larger in the outermost bins', () => {
    const zero = sketchBin(0, resolution)
    expect(sketchValue(zero, resolution)).toBe(0)
    for (const tiny of [1e-7, -1e-7, Number.MIN_VALUE, -0]) expect(sketchBin(tiny, resolution)).toBe(zero)
    expect(sketchBin(Number.MAX_VALUE, Number.MIN_VALUE)).toBe(binCount - 1)
    expect(sketchBin(-1e9, resolution)).toBe(1)
  })

  it('answers every quantile within 2 %, negative values too', () => {
    const random = createRandom(3)
    const values = Float64Array.from({ length: 5001 }, () => random.normal() ** 3)
    const counts = new Uint32Array(binCount)
    for (const value of values) counts[sketchBin(value, resolution)]!++
    values.sort()
    const sketch = toSketch(counts)
    expect(sketch.count).toBe(values.length)
    for (const level of [0, 0.01, 0.1, 0.3, 0.7, 0.9, 0.999, 1]) {
      const exact = values[level * 5000]!
      expect(Math.abs(resolution * sketch.getValueAtQuantile(level) - exact)).toBeLessThanOrEqual(
        0.021 * Math.abs(exact),
      )
    }
  })

  it('has a resolution also where nothing contributes, or only the least there is', () => {
    expect(resolutionFor(0)).toBeGreaterThan(0)
    expect(resolutionFor(Number.MIN_VALUE)).toBeGreaterThan(0)
  })
})
