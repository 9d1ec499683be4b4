import type { Bundle } from '@raison/bundle'
import { describe, expect, test } from 'vitest'
import { selectReference } from './select-reference.ts'

describe('selectReference', () => {
  test('takes the file exactly as it stands, in order, when size is its row count', () => {
    const reference = selectReference(bundleOf({ population: 'all', size: 5 }), scores)
    expect([...reference.rows]).toEqual([0, 1, 2, 3, 4])
  })

  test('draws the same rows at every reading, without replacement', () => {
    const draw = (): number[] => [...selectReference(bundleOf({ population: 'all', size: 3 }), scores).rows]
    expect(draw()).toEqual(draw())
    expect(new Set(draw()).size).toBe(3)
  })

  test('takes the approved rows nearest the cutoff, ties in file order', () => {
    const reference = selectReference(bundleOf({ population: 'just-above-cutoff', size: 2 }), scores)
    expect([...reference.rows]).toEqual([3, 1])
  })

  test('counts a score at the cutoff as declined, on either side', () => {
    const low = selectReference(bundleOf({ population: 'approved', size: 5, adverse: 'low' }), scores)
    expect([...low.rows]).toEqual([0])
    const high = selectReference(bundleOf({ population: 'approved', size: 5 }), scores)
    expect([...high.rows]).toEqual([1, 2, 3])
  })

  test('says which scores there are when nobody is approved', () => {
    const select = (): unknown => selectReference(bundleOf({ population: 'approved', size: 2, cutoff: 0.01 }), scores)
    expect(select).toThrowError(
      expect.objectContaining({ code: 'BUNDLE_REFERENCE_EMPTY', message: expect.stringContaining('from 0.1 to 0.9') }),
    )
  })

  test('says so of as many rows as a file may have', () => {
    const rowCount = 500_000
    const declined = bundleOf({ population: 'approved', size: 2, values: Array.from({ length: rowCount }, () => 0) })
    expect(() => selectReference(declined, new Float64Array(rowCount).fill(0.9))).toThrowError(
      expect.objectContaining({ code: 'BUNDLE_REFERENCE_EMPTY', message: expect.stringContaining('from 0.9 to 0.9') }),
    )
  })

  test('gives means of the values that are there', () => {
    const { means } = selectReference(
      bundleOf({ population: 'all', size: 5, values: [1, Number.NaN, 3, Number.NaN, 5] }),
      scores,
    )
    expect([...means]).toEqual([3])
  })

  test('has another hash when one row is another', () => {
    const one = selectReference(bundleOf({ population: 'all', size: 5 }), scores)
    const other = selectReference(bundleOf({ population: 'all', size: 5, values: [0, 1, 2, 3, 5] }), scores)
    expect(one.sha256).not.toBe(other.sha256)
  })
})

const scores = Float64Array.of(0.9, 0.3, 0.1, 0.35, 0.4)

interface Wanted {
  readonly population: Bundle['reference']['population']
  readonly size: number
  readonly adverse?: 'high' | 'low'
  readonly cutoff?: number
  readonly values?: readonly number[]
}

/** A bundle of one feature and five reference rows whose values are their own numbers. */
function bundleOf({ population, size, adverse = 'high', cutoff = 0.4, values = [0, 1, 2, 3, 4] }: Wanted): Bundle {
  const feature = {
    name: 'x',
    label: { en: 'x' },
    unit: undefined,
    group: undefined,
    actionable: true,
    protected: false,
    values: new Map(),
  }
  return {
    directory: '.',
    model: {
      name: 'm',
      version: '1',
      file: 'm.onnx',
      bytes: new Uint8Array(),
      sha256: '',
      output: 'p',
      column: undefined,
      explain: 'raw',
    },
    decision: { adverse, cutoff },
    reference: {
      file: 'reference.csv',
      population,
      size,
      rows: { columns: ['x'], rowCount: values.length, values: Float64Array.from(values) },
    },
    features: [feature],
    players: [{ name: 'x', features: [0] }],
    catalogue: { version: '1', entries: [] },
    training: undefined,
    sha256: '',
    warnings: [],
  }
}
