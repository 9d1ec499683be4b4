import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { adwin, adwinStart } from './adwin.ts'
import { pageHinkley, pageHinkleyStart } from './page-hinkley.ts'

describe('ADWIN', () => {
  const cutsIn = (values: Iterable<number>) => {
    const cuts: [at: number, direction: string][] = []
    let state = adwinStart
    let at = 0
    for (const value of values) {
      const step = adwin(state, value)
      state = step.state
      if (step.cut !== undefined) cuts.push([at, step.cut])
      at++
    }
    return { cuts, state }
  }
  const uniforms = (length: number, shift: (at: number) => number) => {
    const random = createRandom(3)
    return Array.from({ length }, (_, at) => random.uniform() / 2 + shift(at))
  }

  it('lets a steady mean pass and forgets what came before a change, in both directions', () => {
    expect(cutsIn(uniforms(5000, () => 0)).cuts).toEqual([])
    for (const [to, direction] of [
      [0.5, 'up'],
      [-0.5, 'down'],
    ] as const) {
      const { cuts, state } = cutsIn(uniforms(2000, (at) => (at < 1000 ? 0 : to)))
      expect(cuts[0]![0]).toBeGreaterThanOrEqual(1000)
      expect(cuts[0]![0]).toBeLessThan(1100)
      expect(cuts[0]![1]).toBe(direction)
      const kept = state.rows.reduce((sum, row, i) => sum + row.length * 2 ** i, 0)
      expect(kept).toBeLessThanOrEqual(1100)
    }
  })

  it('keeps a number of buckets that grows with the logarithm of what it saw', () => {
    const buckets = cutsIn(uniforms(5000, () => 0)).state.rows.flat()
    expect(buckets.length).toBeLessThan(70)
  })
})

describe('Page–Hinkley', () => {
  it('finds a change of the mean in both directions, and begins again', () => {
    const options = { ignored: 0.1, threshold: 2, grace: 10 }
    for (const [to, direction] of [
      [1, 'up'],
      [-1, 'down'],
    ] as const) {
      let state = pageHinkleyStart
      const changes: [at: number, direction: string | undefined][] = []
      for (let at = 0; at < 60; at++) {
        const step = pageHinkley(state, at < 40 ? 0 : to, options)
        state = step.state
        if (step.change !== undefined) changes.push([at, step.change])
      }
      // Each value adds nearly its distance from the mean less .1: the third exceeds 2.
      expect(changes).toEqual([[42, direction]])
    }
  })
})
