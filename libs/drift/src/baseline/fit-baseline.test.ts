import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countedIn,
  featureNames,
  randomBaseline,
  randomRows,
  width,
  withSameValues,
} from '../explanations.test-data.ts'
import { readBaseline, writeBaseline, type BaselineRecord } from './baseline-record.ts'
import { fitBaseline, fitValueBaseline } from './fit-baseline.ts'
import { histogram } from '../window/window.ts'
import { highestRate } from './highest-mean.ts'

const n = featureNames.length
const reference = { features: featureNames, adverse: 'high' } as const

describe('a fitted baseline', () => {
  it('is the same bit for bit in any order of the reference', () => {
    const rows = randomRows(createRandom(3), 200)
    const expected = JSON.stringify(writeBaseline(fitBaseline({ ...reference, rows })))
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 200 }, (_, row) => row),
          { minLength: 200 },
        ),
        (order) => {
          const shuffled = Float64Array.from(
            order.flatMap((row) => Array.from(rows.subarray(row * width, (row + 1) * width))),
          )
          expect(JSON.stringify(writeBaseline(fitBaseline({ ...reference, rows: shuffled })))).toBe(expected)
        },
      ),
      { seed: 20261123, numRuns: 10 },
    )
  })

  it('widens its bounds with fewer explanations and with more slices under the same chance of error', () => {
    const rows = randomRows(createRandom(3), 4000)
    const wide = fitBaseline({ ...reference, rows: rows.subarray(0, 400 * width) })
    const sliced = fitBaseline({ ...reference, rows, slices: 10 })
    const narrow = fitBaseline({ ...reference, rows })
    const sum = (bounds: Float64Array) => bounds.reduce((total, bound) => total + bound, 0)
    expect(sum(wide.bounds)).toBeGreaterThan(sum(sliced.bounds))
    expect(sum(sliced.bounds)).toBeGreaterThan(sum(narrow.bounds))
  })

  it('holds the mean of the population within its bounds', () => {
    const { bounds, reference: large } = fitBaseline({
      ...reference,
      rows: randomRows(createRandom(1), 20_000),
    })
    expect(large.explanations).toBe(20_000)
    for (let j = 0; j < 6 * n; j++) expect(bounds[2 * j]! + bounds[2 * j + 1]!).toBeGreaterThan(0)
    const small = randomBaseline(2, 500)
    for (let j = 0; j < 6 * n; j++)
      if (small.constant[j] !== 1) expect(small.bounds[2 * j]! + small.bounds[2 * j + 1]!).toBeGreaterThan(1)
  })

  it('marks shares that never move', () => {
    const { constant } = randomBaseline(1)
    expect(Array.from(constant.keys()).filter((j) => constant[j] === 1)).toEqual([n - 1, 2 * n - 1])
  })

  it('bounds how often something is so exactly, to either side', () => {
    const { bounds, reference } = randomBaseline(1)
    const [rows, chance] = [3000, 0.01 / (2 * 6 * n)]
    const times = histogram(reference, 4 * n)[1]!
    const tolerance = Math.max((0.05 * times) / rows, 0.01)
    expect(bounds[8 * n]).toBe(highestRate(times, rows, chance) + tolerance)
    expect(bounds[8 * n + 1]).toBe(highestRate(rows - times, rows, chance) + tolerance)
  })

  it('is warming up below 20,000 explanations', () => {
    const rows = new Float64Array(2 * 20_000)
    const one = { features: ['only'], adverse: 'low' } as const
    expect(fitBaseline({ ...one, rows }).warmingUp).toBe(false)
    expect(fitBaseline({ ...one, rows: rows.subarray(2) }).warmingUp).toBe(true)
  })

  it('refuses fewer than two explanations and says how many are enough', () => {
    for (const rows of [new Float64Array(0), new Float64Array(width)])
      expect(() => fitBaseline({ ...reference, rows })).toThrow(
        expect.objectContaining({
          code: 'REFERENCE_TOO_SMALL',
          message: expect.stringContaining('at least 2, better 20000'),
        }),
      )
    expect(fitBaseline({ ...reference, rows: randomRows(createRandom(1), 2) }).warmingUp).toBe(true)
  })

  it('refuses half rows, no features, no slices and contributions that are no numbers', () => {
    const code = (name: string) => expect.objectContaining({ code: name })
    const rows = new Float64Array(2 * width)
    expect(() => fitBaseline({ ...reference, rows: new Float64Array(width + n) })).toThrow(code('SHAPE_MISMATCH'))
    expect(() => fitBaseline({ ...reference, features: [], rows })).toThrow(code('SHAPE_MISMATCH'))
    expect(() => fitBaseline({ ...reference, rows, slices: 0 })).toThrow(code('DRIFT_OPTION_INVALID'))
    expect(() => fitBaseline({ ...reference, rows: rows.fill(NaN) })).toThrow(code('CONTRIBUTION_NOT_FINITE'))
  })
})

describe('the record of a baseline', () => {
  it('of a version that knew no lowest and highest values is refused, with what to do', () => {
    const outdated = { ...writeBaseline(randomBaseline(1)), lowest: undefined, highest: undefined }
    expect(() => readBaseline(outdated)).toThrow(
      expect.objectContaining({ code: 'BASELINE_INVALID', message: expect.stringContaining('run `raison fit` again') }),
    )
  })

  const baseline = randomBaseline(4, 300)
  const record = JSON.parse(JSON.stringify(writeBaseline(baseline))) as BaselineRecord

  it('is read back through JSON as the same baseline', () => {
    const { reference: counted, ...rest } = readBaseline(record)
    const { reference: expected, ...others } = baseline
    expect(rest).toEqual(others)
    expect(countedIn(counted)).toEqual(countedIn(expected))
  })

  it('is refused when it is none', () => {
    const invalid = expect.objectContaining({ code: 'BASELINE_INVALID' })
    expect(() => readBaseline({ ...record, bounds: record.bounds.slice(1) })).toThrow(invalid)
    expect(() => readBaseline({ ...record, bounds: record.bounds.map(() => 1) })).toThrow(invalid)
    expect(() => readBaseline({ ...record, high: record.low })).toThrow(invalid)
    expect(() => readBaseline({ ...record, resolution: 0 })).toThrow(invalid)
    expect(() => readBaseline({ ...record, features: ['other'] })).toThrow(invalid)
    expect(() => readBaseline({ ...record, usual: [] })).toThrow(invalid)
    expect(() => readBaseline({ ...record, lowest: [] })).toThrow(invalid)
  })
})

it.each([Number.NaN, -1, Infinity])('a tolerance of %s is refused', (tolerance) => {
  const values = Float64Array.of(1, 2, 3)
  expect(() => fitValueBaseline({ names: ['fidelity'], values, tolerances: [tolerance] })).toThrow(
    expect.objectContaining({ code: 'DRIFT_OPTION_INVALID' }) as Error,
  )
})

it('two features of one name are refused', () => {
  const rows = withSameValues(Float64Array.of(1, 2, 3, 4), 2)
  expect(() => fitBaseline({ features: ['age', 'age'], adverse: 'high', rows })).toThrow(/two columns.*age/)
})
