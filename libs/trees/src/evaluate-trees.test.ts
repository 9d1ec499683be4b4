import { describe, expect, it } from 'vitest'
import { evaluateTreesInto } from './evaluate-trees.ts'
import type { TreeEnsemble } from './tree-ensemble.ts'

/** x0 <= 0.5 ? 1 : (x1 <= 2 ? 10 : 100), a missing x0 goes right and a missing x1 left; and a single leaf of 1000. */
const ensemble: TreeEnsemble = {
  featureCount: 2,
  baseValue: 0.25,
  roots: Int32Array.of(0, 5),
  feature: Int32Array.of(0, -1, 1, -1, -1, -1),
  threshold: Float32Array.of(0.5, 0, 2, 0, 0, 0),
  left: Int32Array.of(1, -1, 3, -1, -1, -1),
  right: Int32Array.of(2, -1, 4, -1, -1, -1),
  missingLeft: Uint8Array.of(0, 0, 1, 0, 0, 0),
  value: Float64Array.of(0, 1, 0, 10, 100, 1000),
}

function outputs(...rows: readonly (readonly [number, number])[]): number[] {
  const out = new Float64Array(rows.length)
  evaluateTreesInto(ensemble, Float32Array.from(rows.flat()), rows.length, out)
  return [...out]
}

describe('evaluating trees', () => {
  it('adds the base value and one leaf of every tree', () => {
    expect(outputs([0, 0], [1, 0], [1, 3])).toEqual([1001.25, 1010.25, 1100.25])
  })

  it('goes left on a value equal to the threshold and right on the next float32', () => {
    expect(outputs([0.5, 0], [0.5 + 2 ** -24, 0])).toEqual([1001.25, 1010.25])
  })

  it('sends a missing value where the node says', () => {
    expect(outputs([NaN, 3], [1, NaN], [NaN, NaN])).toEqual([1100.25, 1010.25, 1010.25])
  })

  it('writes no more than the rows it is given', () => {
    const out = Float64Array.of(7, 7)
    evaluateTreesInto(ensemble, new Float32Array(2), 1, out)
    expect([...out]).toEqual([1001.25, 7])
  })
})
