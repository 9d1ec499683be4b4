import type { WindowRows } from '@raison/events'
import { describe, expect, it } from 'vitest'
import { countAll, countSettings, explanations, features, newTable, startedAt } from '../explanations.test-data.ts'
import { countPartition, type CountSettings } from '../index.ts'
import { numberFor } from '../row.ts'

const contributions = (rows: readonly WindowRows[]): WindowRows[] => rows.filter(({ kind }) => kind === 'contributions')
/** Decisions by window, whatever the records they came in. */
const windowsOf = (rows: readonly WindowRows[]): Record<number, string[]> => {
  const windows: Record<number, string[]> = {}
  for (const { window, decisionIds } of contributions(rows)) (windows[window] ??= []).push(...decisionIds)
  return windows
}
const totals = (results: ReturnType<typeof countAll>['results']): number[] => [
  results.reduce((sum, { counted }) => sum + counted, 0),
  results.reduce((sum, { duplicates }) => sum + duplicates, 0),
  results.reduce((sum, { late }) => sum + late, 0),
]

describe('the windows of a partition', () => {
  const records = explanations({ count: 100 })

  it('are so many explanations each, its part of them where there are several partitions', () => {
    const one = windowsOf(countAll(records).rows[0]!)
    expect(Object.values(one).map(({ length }) => length)).toEqual([40, 40, 20])
    const [first] = countAll(records, { partitions: 3 }).rows
    expect(Object.values(windowsOf(first!)).map(({ length }) => length)).toEqual([14, 14, 6])
  })

  it.each([1, 3, 40, 1000])('are the same in batches of %i, and opened anew before each', (batch) => {
    const whole = windowsOf(countAll(records, { batch: 100 }).rows[0]!)
    expect(windowsOf(countAll(records, { batch, restarts: true }).rows[0]!)).toEqual(whole)
  })

  it('are closed by the last record of theirs, and by no earlier one', () => {
    const settings = { ...countSettings, windows: { explanations: 300 } }
    const wide = Array.from({ length: 500 }, (_, j) => ({ feature: `f${j}`, contribution: j, interval: undefined }))
    const [rows] = countAll(explanations({ count: 500, change: () => ({ contributions: wide }) }), {
      batch: 500,
      settings,
    }).rows
    const own = contributions(rows!)
    expect(own.length).toBeGreaterThan(4)
    own.forEach(({ window, closedBefore }, i) => {
      expect(closedBefore).toBe(own[i + 1]?.window === window || i === own.length - 1 ? window : window + 1)
    })
  })

  it('hold contributions and values in the order of their names, and the quality beside them', () => {
    const turned = explanations({ count: 2 })
    const second = turned[1]!.explanation
    turned[1] = { ...turned[1]!, explanation: { ...second, contributions: second.contributions.toReversed() } }
    const [rows] = countAll(turned).rows
    const [own] = contributions(rows!)
    expect(own!.columns).toEqual(features.toSorted())
    const numbers = Array.from({ length: own!.rows.length / 8 }, (_, at) => own!.rows.readDoubleLE(8 * at))
    const given = explanations({ count: 2 }).flatMap(({ explanation: { contributions } }) => {
      const ordered = features.toSorted().map((name) => contributions.find(({ feature }) => feature === name)!)
      return [...ordered.map(({ contribution }) => contribution), ...ordered.map(({ value }) => numberFor(value))]
    })
    expect(numbers).toEqual(given)
    const quality = rows!.find(({ kind }) => kind === 'quality')
    expect([quality!.columns.length, quality!.members.length]).toEqual([4, 2])
  })

  it('are others when the features are others, as when a bundle groups them anew', () => {
    const regrouped = explanations({
      count: 60,
      change: (k) =>
        k < 50 ? {} : { contributions: [{ feature: 'all of it', contribution: 1, interval: undefined }] },
    })
    const own = contributions(countAll(regrouped, { batch: 60 }).rows[0]!)
    expect(own.map(({ window, columns, members }) => [window, columns.length, members.length])).toEqual([
      [0, 4, 40],
      [1, 4, 10],
      [0, 1, 10],
    ])
    expect(new Set(own.map(({ settings }) => settings)).size).toBe(2)
  })

  it('leave what is degraded or cut to the quality, where intervals that were cut are apart', () => {
    const some = explanations({
      count: 4,
      change: (k) => ({
        contributionsCut: k === 0,
        quality: { surrogateFidelity: undefined, degraded: k === 1 },
      }),
    })
    const { rows } = countAll(some)
    expect(rows[0]!.map(({ kind, members }) => [kind, members.length])).toEqual([
      ['quality', 1],
      ['quality', 3],
      ['contributions', 2],
    ])
  })

  it('say of each row which slices it belongs to', () => {
    const settings: CountSettings = {
      ...countSettings,
      slices: [
        { name: 'north', feature: 'region', equals: 'north' },
        { name: 'old', feature: 'âge', atLeast: 10, below: 12 },
      ],
    }
    const grouped = explanations({ count: 10 })
    const { explanation } = grouped[8]!
    const group = { feature: 'who', value: { âge: 10, region: 'south' }, contribution: 1, interval: undefined }
    grouped[8] = { ...grouped[8]!, explanation: { ...explanation, method: 'other', contributions: [group] } }
    const [rows] = countAll(grouped, { settings, batch: 10 }).rows
    expect(contributions(rows!).map(({ members }) => members)).toEqual([[1, 0, 0, 0, 1, 0, 0, 0, 2], [2]])
  })
})

describe('an explanation that comes again', () => {
  const records = explanations({ count: 50 })

  it('counts once, also after a restart', () => {
    const { rows, results } = countAll([...records, ...records.toReversed()], { restarts: true })
    expect(totals(results)).toEqual([50, 50, 0])
    expect(Object.values(windowsOf(rows[0]!)).flat().length).toBe(50)
  })

  it('and is older than what is remembered, is late', () => {
    const settings = { ...countSettings, duplicatesWithinHours: 0.5 }
    const { results } = countAll([...records, ...records.slice(0, 10)], { settings, restarts: true })
    expect(totals(results)).toEqual([50, 0, 10])
  })

  it('is forgotten when more has come than is remembered, and the memory keeps small', () => {
    const settings = { ...countSettings, mostRemembered: 1000 }
    const table = newTable()
    const count = countPartition(table, settings, { partition: 0, partitions: 1 })
    for (const record of explanations({ count: 3000, change: () => ({ decidedAt: '' }) })) count([record])
    expect(table.values.size).toBeLessThan(10)
    expect(
      count([explanations({ count: 1, change: () => ({ decidedAt: '2026-11-03T02:00:00Z' }) })[0]!]).duplicates,
    ).toBe(0)
  })
})

describe('windows by time', () => {
  const settings: CountSettings = { ...countSettings, windows: { minutes: 10, latenessMinutes: 5 } }
  const first = startedAt / 600_000

  it('are spans of decidedAt, closed when decisions so much younger have come', () => {
    const [rows] = countAll(explanations({ count: 35 }), { settings, batch: 1 }).rows
    const own = contributions(rows!)
    const counted = own.filter(({ members }) => members.length > 0)
    expect(Object.keys(windowsOf(counted)).map(Number)).toEqual([first, first + 1, first + 2, first + 3])
    const closing = own.filter(({ members }) => members.length === 0)
    expect(closing.map(({ closedBefore }) => closedBefore)).toEqual([first - 1, first, first + 1, first + 2])
  })

  it('do not take what comes after that', () => {
    const records = explanations({ count: 35 })
    const straggler = {
      ...explanations({ count: 1, from: 100 })[0]!.explanation,
      decidedAt: records[0]!.explanation.decidedAt,
    }
    const { results } = countAll([...records, { explanation: straggler, timestamp: startedAt + 7e6 }], { settings })
    expect(totals(results)).toEqual([35, 0, 1])
  })

  it('are not closed by a decision from the future', () => {
    const records = explanations({ count: 35, change: (k) => (k === 3 ? { decidedAt: '2099-01-01T00:00:00Z' } : {}) })
    expect(totals(countAll(records, { settings }).results)).toEqual([35, 0, 0])
  })
})

describe('a model that decides no more', () => {
  it('is forgotten after a quarter of a year', () => {
    const table = newTable()
    const count = countPartition(table, countSettings, { partition: 0, partitions: 1 })
    const places = (): number => table.keys().filter((key) => key.includes('/place/')).length
    count(explanations({ count: 5 }))
    count(explanations({ count: 5, from: 5, version: '2' }))
    expect(places()).toBe(4)
    count(explanations({ count: 5, from: 91 * 1440, version: '2' }))
    expect(places()).toBe(2)
  })
})

describe('what cannot be watched', () => {
  const toContribution = (contribution: number, k: number) => ({ feature: `f${k}`, contribution, interval: undefined })

  it.each([
    ['no id', { explanationId: '' }, 'EXPLANATION_INVALID'],
    ['no contributions', { contributions: [] }, 'EXPLANATION_INVALID'],
    ['NaN', { contributions: [{ feature: 'income', contribution: NaN, interval: undefined }] }, 'EXPLANATION_INVALID'],
    ['a sum that is not finite', { contributions: [1e308, 1e308].map(toContribution) }, 'EXPLANATION_INVALID'],
    ['two of one feature', { contributions: [1, 2].map((c) => toContribution(c, 0)) }, 'EXPLANATION_INVALID'],
    ['a fidelity that is no number', { quality: { surrogateFidelity: NaN, degraded: false } }, 'EXPLANATION_INVALID'],
    [
      'a name of a megabyte',
      { contributions: [{ ...toContribution(1, 0), feature: 'x'.repeat(1e6) }] },
      'EXPLANATION_INVALID',
    ],
  ])('(%s) is refused by its name, and the rest counts', (_, change, code) => {
    const records = explanations({ count: 5, change: (k) => (k === 2 ? change : {}) })
    const { results } = countAll(records, { batch: 5 })
    expect([...results[0]!.refused]).toEqual([[code, 1]])
    expect(totals(results)).toEqual([4, 0, 0])
  })

  it('and a decidedAt that is no time takes the time of the record', () => {
    const [rows] = countAll(explanations({ count: 1, change: () => ({ decidedAt: 'yesterday' }) })).rows
    expect(rows![0]!.from).toBe(new Date(startedAt).toISOString())
  })
})
