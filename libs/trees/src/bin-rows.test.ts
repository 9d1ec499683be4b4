import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binRows, type BinnedRows } from './bin-rows.ts'

/** One column, binned. */
function binned(values: readonly number[], most = 255): BinnedRows {
  const rows = Float32Array.from(values)
  return binRows({ rows, rowCount: rows.length, featureCount: 1, targets: new Float64Array(rows.length) }, most)
}

function codeAt({ words, rowCount }: BinnedRows, row: number, feature = 0): number {
  return (words[(feature >> 2) * rowCount + row]! >>> (8 * (feature % 4))) & 255
}

describe('binning rows', () => {
  it('gives every distinct value a bin of its own when they are few', () => {
    expect([...binned([3, 1, 1, 2, 3, 3]).cuts[0]!]).toEqual([1.5, 2.5, Infinity])
  })

  it('cuts between float32 neighbours, where there is no middle', () => {
    const next = 1 + 2 ** -23
    const result = binned([1, next])
    expect([...result.cuts[0]!]).toEqual([1, Infinity])
    expect([codeAt(result, 0), codeAt(result, 1)]).toEqual([0, 1])
  })

  it('fills bins evenly and leaves a frequent value alone in its bin', () => {
    const values = [...Array.from({ length: 100 }, (_, i) => i), ...Array.from({ length: 100 }, () => 50)]
    const result = binned(values, 10)
    const counts = new Map<number, number>()
    values.forEach((_, row) => counts.set(codeAt(result, row), (counts.get(codeAt(result, row)) ?? 0) + 1))

    expect(counts.get(codeAt(result, 50))).toBe(101)
    expect(counts.size).toBeGreaterThanOrEqual(9)
    for (const [code, count] of counts) if (code !== codeAt(result, 50)) expect(count).toBeLessThanOrEqual(20)
  })

  it('keeps the columns of more than four features apart', () => {
    const rows = Float32Array.of(0, 1, 0, 1, 0, 1, /**/ 1, 0, 1, 0, NaN, 0)
    const result = binRows({ rows, rowCount: 2, featureCount: 6, targets: new Float64Array(2) }, 255)
    expect([0, 1, 2, 3, 4, 5].map((f) => codeAt(result, 0, f))).toEqual([0, 1, 0, 1, 0, 1])
    expect([0, 1, 2, 3, 4, 5].map((f) => codeAt(result, 1, f))).toEqual([1, 0, 1, 0, 1, 0])
  })

  it('sends every float32 to the bin whose cuts enclose it, and the missing ones to the bin after the last', () => {
    const values = fc.array(fc.float(), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 255 }), (column, most) => {
        const result = binned(column, most)
        const cuts = result.cuts[0]!
        expect(cuts.length).toBeLessThanOrEqual(most)
        expect([...cuts]).toEqual([...cuts].toSorted((a, b) => a - b))
        column.forEach((x, row) => {
          const below = cuts.filter((cut) => !(x <= cut)).length
          expect(codeAt(result, row)).toBe(below)
        })
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})
