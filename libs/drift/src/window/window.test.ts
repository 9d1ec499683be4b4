import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countedIn,
  featureNames,
  randomBaseline,
  randomRows,
  width,
  windowOf,
  withSameValues,
} from '../explanations.test-data.ts'
import { momentsOf } from '../description/moments.ts'
import { firstOfTexts } from '../statistics/landmarks.ts'
import { readWindow, writeWindow, type WindowRecord } from './window-record.ts'
import { histogram, merge, mostExplanations, openWindow, update } from './window.ts'

const settings = { seed: 20261123, numRuns: 30 }
const { scale } = randomBaseline(1)
const n = featureNames.length
const windowFrom = (seed: number, rows: number) => windowOf(scale, randomRows(createRandom(seed), rows))

describe('a window', () => {
  const three = fc.tuple(fc.nat(), fc.nat(), fc.nat())

  it('merges in any order and any grouping to the same counts', () => {
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        const [one, two, six] = [windowFrom(a, a % 40), windowFrom(b, b % 40), windowFrom(c, c % 40)]
        const expected = countedIn(merge(one, two, six))
        expect(countedIn(merge(merge(one, two), six))).toEqual(expected)
        expect(countedIn(merge(one, merge(six, two)))).toEqual(expected)
        expect(countedIn(merge(merge(six, one), two))).toEqual(expected)
        expect(countedIn(merge(one, two, six, openWindow(scale)))).toEqual(expected)
      }),
      settings,
    )
  })

  it('counts the same in any order of its explanations', () => {
    const all = randomRows(createRandom(4), 100)
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 100 }, (_, row) => row),
          { minLength: 100 },
        ),
        (rows) => {
          expect(countedIn(windowOf(scale, all, rows))).toEqual(countedIn(windowOf(scale, all)))
        },
      ),
      settings,
    )
  })

  it('leaves the windows it merges as they were', () => {
    const [one, other] = [windowFrom(1, 10), windowFrom(2, 10)]
    const before = [countedIn(one), countedIn(other)]
    expect(merge(one, other).explanations).toBe(20)
    expect([countedIn(one), countedIn(other)]).toEqual(before)
  })

  it('counts every explanation once in every histogram', () => {
    const window = windowFrom(5, 77)
    for (let index = 0; index < 7 * n; index++)
      expect(histogram(window, index).reduce((sum, count) => sum + count, 0)).toBe(77)
  })

  it('counts an explanation in which nothing contributes as shares of zero', () => {
    const zero = windowOf(scale, withSameValues(new Float64Array(n)))
    const inLast = windowOf(scale, withSameValues(Float64Array.from(featureNames, (_, i) => (i === n - 1 ? -1 : 0))))
    for (let i = 0; i < n - 1; i++)
      for (const s of [0, 1, 2, 3, 4, 5, 6]) expect(histogram(zero, s * n + i)).toEqual(histogram(inLast, s * n + i))
    expect(histogram(zero, n - 1)).not.toEqual(histogram(inLast, n - 1))
  })

  it('counts how often a feature has its usual value, which may be a missing one', () => {
    const usual = scale.usual.map((_, i) => (i === 0 ? NaN : i))
    const ofThese = openWindow({ ...scale, usual })
    const row = (value: (i: number) => number) =>
      Float64Array.from({ length: width }, (_, at) => (at < n ? 1 : value(at - n)))
    update(
      ofThese,
      row((i) => usual[i]!),
    )
    update(
      ofThese,
      row((i) => (i === 3 ? NaN : usual[i]!)),
    )
    update(
      ofThese,
      row(() => -1),
    )
    const often = featureNames.map((_, i) => momentsOf(ofThese, 'usual-value', i)!.mean)
    expect(often.map((mean) => Math.round(3 * mean))).toEqual([2, 2, 2, 1, 2, 2])
  })

  it('counts how often a value is among the lowest and the highest, the cuts among them', () => {
    const ofThese = openWindow({
      ...scale,
      lowest: new Float64Array(n).fill(3),
      highest: Float64Array.from({ length: n }, (_, i) => (i === 0 ? NaN : 5)),
    })
    const values = [3, -1, 4, 5, 6, 7, NaN, firstOfTexts]
    for (const value of values)
      update(
        ofThese,
        Float64Array.from({ length: width }, (_, at) => (at < n ? 1 : value)),
      )
    const times = (statistic: 'lowest-tenth' | 'highest-tenth', i: number) =>
      momentsOf(ofThese, statistic, i)!.mean * values.length
    expect([times('lowest-tenth', 1), times('highest-tenth', 1), times('highest-tenth', 0)]).toEqual([2, 3, 0])
  })

  it('refuses a contribution that is no number, names the feature, and counts nothing of the row', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const window = windowFrom(6, 3)
      const before = countedIn(window)
      const row = withSameValues(Float64Array.from(featureNames, (_, i) => (i === 2 ? value : 1)))
      expect(() => update(window, row)).toThrow(
        expect.objectContaining({
          code: 'CONTRIBUTION_NOT_FINITE',
          message: expect.stringContaining('"限度額" is ' + value),
        }),
      )
      expect(countedIn(window)).toEqual(before)
    }
    const overflowing = new Float64Array(width).fill(1e308)
    expect(() => update(openWindow(scale), overflowing)).toThrow(
      expect.objectContaining({ code: 'CONTRIBUTION_NOT_FINITE' }),
    )
  })

  it('refuses a row beyond those given', () => {
    expect(() => update(openWindow(scale), new Float64Array(2 * width - 1), 1)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })

  it('refuses to merge with a window of another baseline', () => {
    expect(() => merge(windowFrom(1, 2), openWindow(randomBaseline(2).scale))).toThrow(
      expect.objectContaining({ code: 'WINDOW_MISMATCH' }),
    )
    const elsewhere = scale.lowest.map((cut) => cut + 1)
    for (const other of [{ adverse: 'low' as const }, { lowest: elsewhere }, { highest: elsewhere }])
      expect(() => merge(windowFrom(1, 2), openWindow({ ...scale, ...other }))).toThrow(
        expect.objectContaining({ code: 'WINDOW_MISMATCH' }),
      )
  })

  it('refuses more explanations than its counts can hold', () => {
    const full = { ...openWindow(scale), explanations: mostExplanations }
    const tooMany = expect.objectContaining({ code: 'WINDOW_FULL' })
    expect(() => update(full, new Float64Array(width))).toThrow(tooMany)
    expect(() => merge(full, windowFrom(1, 1))).toThrow(tooMany)
    expect(merge(full, openWindow(scale)).explanations).toBe(mostExplanations)
  })
})

describe('the record of a window', () => {
  const written = (rows: number) => JSON.parse(JSON.stringify(writeWindow(windowFrom(7, rows)))) as WindowRecord

  it('is read back through JSON as the same window, also when empty or of another object of the same scale', () => {
    for (const rows of [0, 1, 300])
      expect(countedIn(readWindow({ ...scale, low: scale.low.slice() }, written(rows)))).toEqual(
        countedIn(windowFrom(7, rows)),
      )
  })

  it('holds only bins that are not empty, so that it is as small as what was counted', () => {
    const { statistics } = written(1)
    expect(statistics).toHaveLength(7 * n)
    for (const { bins, counts } of statistics) expect([bins.length, counts]).toEqual([1, [1]])
  })

  it('may hold statistics that this version does not know', () => {
    const record = written(20)
    const later = { ...record.statistics[0]!, statistic: 'rank' } as unknown as WindowRecord['statistics'][number]
    const read = readWindow(scale, { ...record, statistics: [...record.statistics, later] })
    expect(countedIn(read)).toEqual(countedIn(windowFrom(7, 20)))
  })

  it.each([
    ['another number of explanations', { explanations: 19 }],
    ['another range', { low: -7 }],
    ['another number of bins', { binCount: 512 }],
    ['a bin that there is not', { bins: [1024], counts: [20] }],
    ['a bin twice', { bins: [3, 3], counts: [10, 10] }],
    ['half a count', { bins: [3, 4], counts: [10.5, 9.5] }],
    ['a missing count', { bins: [3], counts: [] }],
    ['an unknown feature', { feature: 'elsewhere' }],
  ])('is refused with %s', (_, change) => {
    const { explanations, statistics } = written(20)
    const [first, ...rest] = statistics
    const broken =
      'explanations' in change
        ? { ...change, statistics }
        : { explanations, statistics: [{ ...first!, ...change }, ...rest] }
    expect(() => readWindow(scale, broken)).toThrow(expect.objectContaining({ code: 'WINDOW_INVALID' }))
  })
})
