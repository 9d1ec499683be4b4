import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countedIn, featureNames, randomBaseline, randomContributions } from '../explanations.test-data.ts'
import { readBaseline, writeBaseline, type BaselineRecord } from './baseline-record.ts'
import { fitBaseline, fitValueBaseline } from './fit-baseline.ts'

const n = featureNames.length
const reference = { features: featureNames, adverse: 'high' } as const

describe('a fitted baseline', () => {
  it('is the same bit for bit in any order of the reference', () => {
    const contributions = randomContributions(createRandom(3), 200)
    const expected = JSON.stringify(writeBaseline(fitBaseline({ ...reference, contributions })))
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 200 }, (_, row) => row),
          { minLength: 200 },
        ),
        (rows) => {
          const shuffled = Float64Array.from(
            rows.flatMap((row) => Array.from(contributions.subarray(row * n, (row + 1) * n))),
          )
          expect(JSON.stringify(writeBaseline(fitBaseline({ ...reference, contributions: shuffled })))).toBe(expected)
        },
      ),
      { seed: 20261123, numRuns: 10 },
    )
  })

  it('widens its bounds with fewer explanations and with more slices under the same chance of error', () => {
    const contributions = randomContributions(createRandom(3), 4000)
    const wide = fitBaseline({ ...reference, contributions: contributions.subarray(0, 400 * n) })
    const sliced = fitBaseline({ ...reference, contributions, slices: 10 })
    const narrow = fitBaseline({ ...reference, contributions })
    const sum = (bounds: Float64Array) => bounds.reduce((total, bound) => total + bound, 0)
    expect(sum(wide.bounds)).toBeGreaterThan(sum(sliced.bounds))
    expect(sum(sliced.bounds)).toBeGreaterThan(sum(narrow.bounds))
  })

  it('holds the mean of the population within its bounds', () => {
    const { bounds, reference: large } = fitBaseline({
      ...reference,
      contributions: randomContributions(createRandom(1), 20_000),
    })
    expect(large.explanations).toBe(20_000)
    for (let j = 0; j < 3 * n; j++) expect(bounds[2 * j]! + bounds[2 * j + 1]!).toBeGreaterThan(0)
    const small = randomBaseline(2, 500)
    for (let j = 0; j < 3 * n; j++)
      if (small.constant[j] === 0) expect(small.bounds[2 * j]! + small.bounds[2 * j + 1]!).toBeGreaterThan(1)
  })

  it('marks statistics that never move', () => {
    const { constant } = randomBaseline(1)
    expect(Array.from({ length: 3 * n }, (_, j) => j).filter((j) => constant[j] === 1)).toEqual([
      n - 1,
      2 * n - 1,
      3 * n - 1,
    ])
  })

  it('is warming up below 20,000 explanations', () => {
    const contributions = new Float64Array(20_000)
    const one = { features: ['only'], adverse: 'low' } as const
    expect(fitBaseline({ ...one, contributions }).warmingUp).toBe(false)
    expect(fitBaseline({ ...one, contributions: contributions.subarray(1) }).warmingUp).toBe(true)
  })

  it('refuses fewer than two explanations and says how many are enough', () => {
    for (const contributions of [new Float64Array(0), new Float64Array(n)])
      expect(() => fitBaseline({ ...reference, contributions })).toThrow(
        expect.objectContaining({
          code: 'REFERENCE_TOO_SMALL',
          message: expect.stringContaining('at least 2, better 20000'),
        }),
      )
    expect(fitBaseline({ ...reference, contributions: randomContributions(createRandom(1), 2) }).warmingUp).toBe(true)
  })

  it('refuses half rows, no features, no slices and contributions that are no numbers', () => {
    const code = (name: string) => expect.objectContaining({ code: name })
    const contributions = new Float64Array(2 * n)
    expect(() => fitBaseline({ ...reference, contributions: new Float64Array(n + 1) })).toThrow(code('SHAPE_MISMATCH'))
    expect(() => fitBaseline({ ...reference, features: [], contributions })).toThrow(code('SHAPE_MISMATCH'))
    expect(() => fitBaseline({ ...reference, contributions, slices: 0 })).toThrow(code('DRIFT_OPTION_INVALID'))
    expect(() => fitBaseline({ ...reference, contributions: contributions.fill(NaN) })).toThrow(
      code('CONTRIBUTION_NOT_FINITE'),
    )
  })
})

describe('the record of a baseline', () => {
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
  })
})

it.each([Number.NaN, -1, Infinity])('a tolerance of %s is refused', (tolerance) => {
  const values = Float64Array.of(1, 2, 3)
  expect(() => fitValueBaseline({ names: ['fidelity'], values, tolerances: [tolerance] })).toThrow(
    expect.objectContaining({ code: 'DRIFT_OPTION_INVALID' }) as Error,
  )
})

it('two features of one name are refused', () => {
  const contributions = Float64Array.of(1, 2, 3, 4)
  expect(() => fitBaseline({ features: ['age', 'age'], adverse: 'high', contributions })).toThrow(/two columns.*age/)
})
