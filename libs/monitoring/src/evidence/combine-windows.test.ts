import type { AlarmCommand, DriftSignal } from '@raison/events'
import { describe, expect, it } from 'vitest'
import {
  asInput,
  combineAll,
  countAll,
  countSettings,
  evidenceSettings,
  explanations,
  features,
  interleave,
  newTable,
  startedAt,
  takeAnew,
} from '../explanations.test-data.ts'
import { combineWindows, type CountSettings, type Table } from '../index.ts'
import { fitBaseline, writeBaseline } from '@raison/drift'
import { rowInto } from '../row.ts'
import { readJson, writeJson } from '../windows/table.ts'

const drifting = explanations({ count: 2000, driftsAt: 1200 })
const timeOf = (k: number): string => new Date(startedAt + k * 60_000).toISOString()
const raised = (signals: readonly DriftSignal[]): DriftSignal[] => signals.filter(({ state }) => state === 'raised')

describe('drift', () => {
  const { rows } = countAll(drifting, { partitions: 2 })
  const { signals, closed } = combineAll(interleave(rows, 1))

  it('leaves the same bytes when they are kept after every record and once after all', () => {
    const [each, once] = [newTable(), newTable()]
    combineAll(interleave(rows, 1), { table: each, restarts: true })
    combineAll(interleave(rows, 1), { table: once })
    expect(once.values.size).toBeGreaterThan(0)
    expect(once.keys().map((key) => [key, once.get(key)])).toEqual(each.keys().map((key) => [key, each.get(key)]))
  })

  it('is described when somebody asks, and in the same words when they ask again', () => {
    const own = closed.filter(({ watched }) => watched.kind === 'contributions')
    const description = own.at(-1)!.describe()
    expect(description!.features.map(({ feature }) => feature).toSorted()).toEqual(features.toSorted())
    expect(own.at(-1)!.describe()).toBe(description)
    expect(own[0]!.describe()).toBeUndefined()
  })

  it('is told once, with what, how far, since when, how sure and which decisions', () => {
    expect(raised(signals).length).toBe(1)
    const [signal] = signals
    expect(signal).toMatchObject({
      kind: 'contributions',
      slice: '',
      modelName: 'loans',
      severity: 'critical',
      window: 30,
    })
    expect(signal!.evidence).toBeGreaterThan(evidenceSettings.runLength)
    expect(signal!.changes[0]).toMatchObject({ feature: 'income', direction: 'up', sinceWindow: 30 })
    expect(signal!.changes[0]!.now).toBeGreaterThan(signal!.changes[0]!.before + 0.2)
    expect(signal!.decisionIds.length).toBe(3)
    const numbers = signal!.decisionIds.map((id) => Number(id.split('-')[1]))
    expect(numbers.every((k) => k >= 1200 && k < 1240)).toBe(true)
    expect([signal!.since, signal!.from, signal!.until]).toEqual([1200, 1200, 1239].map(timeOf))
  })

  it('is not seen in what a baseline is learned from, nor where there is none', () => {
    const own = closed.filter(({ watched }) => watched.kind === 'contributions')
    expect(own.map(({ learning }) => learning).indexOf(false)).toBe(19)
    expect(combineAll(interleave(countAll(explanations({ count: 2000 })).rows, 1)).signals).toEqual([])
  })

  it.each([
    ['batches of three', { partitions: 2, batch: 3 }],
    ['batches of a thousand', { partitions: 2, batch: 1000 }],
    ['a restart before every batch', { partitions: 2, batch: 50, restarts: true }],
  ])('is told the same way, bit for bit, with %s', (_, how) => {
    const again = countAll(drifting, how)
    expect(combineAll(interleave(again.rows, 2), { restarts: true }).signals).toEqual(signals)
  })

  it('is told the same way when one partition is far ahead of the other', () => {
    expect(combineAll([...rows[0]!, ...rows[1]!]).signals).toEqual(signals)
    expect(combineAll([...rows[1]!, ...rows[0]!], { restarts: true }).signals).toEqual(signals)
  })

  it('leaves nothing of closed windows in the table', () => {
    const table = newTable()
    combineAll(interleave(rows, 1), { table })
    expect(table.keys().map((key) => key.split('/')[0])).toEqual([
      'baseline',
      'baseline',
      'head',
      'head',
      'known',
      'watch',
      'watch',
    ])
  })
})

describe('drift that takes some windows to be seen', () => {
  const { rows } = countAll(explanations({ count: 2000, driftsAt: 1600, driftsBy: 2 }), { partitions: 2 })

  it('is told with the time at which the first of them began, the same bit for bit after restarts', () => {
    const { signals } = combineAll(interleave(rows, 1))
    expect(signals[0]).toMatchObject({ window: 43, sinceWindow: 41, since: timeOf(1640), from: timeOf(1720) })
    expect(combineAll(interleave(rows, 2), { restarts: true }).signals).toEqual(signals)
  })

  it('is told without a time where an earlier version has seen its beginning, and kept none', () => {
    const table = newTable()
    const some = interleave(rows, 1)
    const signals = some.flatMap((each) => {
      const { signals, closed } = takeAnew(table, asInput(each))
      if (closed.some(({ number }) => number === 42)) forgetBegins(table)
      return signals
    })
    expect(signals[0]).toMatchObject({ window: 43, sinceWindow: 41, since: '', from: timeOf(1720) })
  })

  it('takes a few times in the table, not one for each window', () => {
    const table = newTable()
    combineAll(interleave(countAll(explanations({ count: 4000 })).rows, 1), { table })
    const states = table.keys().filter((key) => key.startsWith('watch/'))
    for (const key of states) expect(Object.keys(readJson<Begun>(table, key)!.begins).length).toBeLessThan(10)
  })

  interface Begun {
    readonly begins: object
  }

  function forgetBegins(table: Table): void {
    for (const key of table.keys())
      if (key.startsWith('watch/')) writeJson(table, key, { ...readJson<Begun>(table, key), begins: undefined })
  }
})

describe('a baseline that is given', () => {
  const columns = ['region', 'income', 'term', 'âge']
  const reference = explanations({ count: 1000, seed: 9 })
  const rows = new Float64Array(2 * columns.length * reference.length)
  reference.forEach(({ explanation }, row) => rowInto(explanation, columns, rows.subarray(2 * columns.length * row)))
  const given = writeBaseline(fitBaseline({ features: columns, adverse: 'high', rows }))

  it('is watched from the first window on, whatever the order of its features', () => {
    const { rows } = countAll(explanations({ count: 400, driftsAt: 200 }))
    const { signals } = combineAll(rows[0]!, { findBaseline: () => given, restarts: true })
    expect(raised(signals).map(({ window, changes }) => [window, changes[0]!.feature])).toEqual([[5, 'income']])
  })

  it('of other features is left, and one is learned', () => {
    const { rows } = countAll(explanations({ count: 1000 }))
    const { closed } = combineAll(rows[0]!, { findBaseline: () => ({ ...given, features: ['income'] }) })
    expect(closed.filter(({ learning, watched }) => learning && watched.kind === 'contributions').length).toBe(19)
  })
})

describe('a baseline that an earlier version has learned', () => {
  it('is learned again from what comes, and the alarm that stands goes on standing', () => {
    const table = newTable()
    const { rows } = countAll(explanations({ count: 4000, driftsAt: 1200 }))
    const own = rows[0]!.filter(({ kind }) => kind === 'contributions')
    const half = own.length / 2
    const first = combineAll(own.slice(0, half), { table, restarts: true })
    const [baselineKey] = table.keys().filter((key) => key.startsWith('baseline/'))
    const learned = JSON.parse(table.get(baselineKey!)!.toString())
    table.set(baselineKey!, Buffer.from(JSON.stringify({ ...learned, lowest: undefined, highest: undefined })))
    const again = combineAll(own.slice(half), { table, restarts: true })

    expect(raised(first.signals)).toHaveLength(1)
    expect(again.closed.filter(({ learning }) => learning)).toHaveLength(19)
    expect(again.closed.at(-1)!.logEvidence).toBeDefined()
    expect(again.signals).toEqual([])
    expect(combineWindows(table, evidenceSettings, () => undefined).alarms()).toEqual(first.signals)
  })
})

describe('a baseline that is learned again', () => {
  it('has nothing of what came before its alarm was cleared for good', () => {
    const table = newTable()
    const own = countAll(explanations({ count: 2000, driftsAt: 1200 })).rows[0]!.filter(
      ({ kind }) => kind === 'contributions',
    )
    const [alarm] = combineAll(own.slice(0, -5), { table }).signals
    const [baselineKey] = table.keys().filter((key) => key.startsWith('baseline/'))
    const learned = JSON.parse(table.get(baselineKey!)!.toString())
    table.set(baselineKey!, Buffer.from(JSON.stringify({ ...learned, lowest: undefined, highest: undefined })))
    const combine = combineWindows(table, evidenceSettings, () => undefined)
    for (const each of own.slice(-5)) combine.take(asInput(each), startedAt)
    const isLearned = (key: string): boolean => key.startsWith('learned/')
    expect(table.keys().some(isLearned)).toBe(true)

    const command = { action: 'relearn', alarmId: alarm!.alarmId, by: '', note: '', at: '' } as const
    combine.take({ rows: undefined, command }, startedAt)
    expect(table.keys().some(isLearned)).toBe(false)
  })
})

describe('an alarm about the values of a feature', () => {
  it('names decisions that have them', () => {
    const records = explanations({
      count: 2000,
      change: (k) => {
        const { contributions } = explanations({ count: 1, seed: k + 1, from: k })[0]!.explanation
        const raiseTerm = k >= 1200 && k % 3 === 0
        return {
          contributions: contributions.map((each) =>
            each.feature === 'term' && raiseTerm ? { ...each, value: 30 } : each,
          ),
        }
      },
    })
    const { signals } = combineAll(countAll(records).rows[0]!)
    expect(signals[0]!.changes[0]).toMatchObject({ feature: 'term', statistic: 'highest-tenth', direction: 'up' })
    expect(signals[0]!.decisionIds.every((id) => Number(id.split('-')[1]) % 3 === 0)).toBe(true)
  })
})

describe('a slice', () => {
  const settings: CountSettings = {
    ...countSettings,
    slices: [
      { name: 'the north', feature: 'region', equals: 'north' },
      { name: 'nobody', feature: 'region', equals: 'west' },
    ],
  }

  it('that drifts alone is told by its name, before all of them', () => {
    const records = explanations({
      count: 6000,
      change: (k) =>
        k >= 4000 && k % 4 === 0
          ? { contributions: explanations({ count: 1, seed: k, from: k, driftsAt: 0 })[0]!.explanation.contributions }
          : {},
    })
    const { signals } = combineAll(countAll(records, { settings }).rows[0]!)
    expect(signals[0]).toMatchObject({ slice: 'the north', state: 'raised' })
    expect(signals[0]!.decisionIds.every((id) => Number(id.split('-')[1]) % 4 === 0)).toBe(true)
  })
})

describe('the quality', () => {
  it('drifts when explanations become degraded, although these count nowhere else', () => {
    const records = explanations({
      count: 1600,
      change: (k) =>
        k >= 1200 ? { quality: { surrogateFidelity: undefined, degraded: true }, method: 'sampled' } : {},
    })
    const { signals } = combineAll(countAll(records).rows[0]!)
    expect(signals.map(({ kind, changes }) => [kind, changes[0]!.feature])).toEqual([['quality', 'degraded']])
  })
})

describe('a new version of a model', () => {
  it('has a baseline of its own, which is compared with the one before, the largest change first', () => {
    const rows = [
      ...countAll(explanations({ count: 1000 })).rows[0]!,
      ...countAll(explanations({ count: 1000, version: '2', driftsAt: 0 })).rows[0]!,
    ]
    const { signals } = combineAll(rows, { restarts: true })
    expect(signals.map(({ state, modelVersion, comparedVersion }) => [state, modelVersion, comparedVersion])).toEqual([
      ['compared', '2', '1'],
    ])
    expect(signals[0]!.changes.map(({ feature }) => feature).toSorted()).toEqual(features.toSorted())
    expect(signals[0]!.changes[0]).toMatchObject({ feature: 'income', direction: 'up' })
  })
})

describe('an alarm', () => {
  const [rows] = countAll(explanations({ count: 4000, driftsAt: 1200 })).rows
  const own = rows!.filter(({ kind }) => kind === 'contributions')
  const say = (action: AlarmCommand['action'], alarmId: string): AlarmCommand => ({
    action,
    alarmId,
    by: 'an analyst',
    note: 'known',
    at: '2026-11-02T00:00:00Z',
  })

  /** The signals when something is said after the first. */
  function signalsWhen(action: AlarmCommand['action'], alarmId?: string): DriftSignal[] {
    const table = newTable()
    const signals: DriftSignal[] = []
    for (const each of own) {
      const found = takeAnew(table, asInput(each)).signals
      signals.push(...found)
      if (found.length === 0 || signals.length > 1) continue
      const command = say(action, alarmId ?? signals[0]!.alarmId)
      signals.push(...takeAnew(table, { rows: undefined, command }).signals)
    }
    return signals
  }
  const states = (signals: readonly DriftSignal[]): string[] => signals.map(({ state, window }) => `${state} ${window}`)

  it('stands until something is said, without being told again', () => {
    expect(states(signalsWhen('clear', 'another'))).toEqual(['raised 30'])
  })

  it('that is acknowledged keeps quiet while it cools down, then is raised again', () => {
    const signals = signalsWhen('acknowledge')
    expect(states(signals)).toEqual(['raised 30', 'acknowledged 30', 'raised 36'])
    expect(signals[1]).toMatchObject({ by: 'an analyst', note: 'known', at: '2026-11-02T00:00:00Z' })
    expect(new Set(signals.map(({ alarmId }) => alarmId)).size).toBe(1)
  })

  it('that is acknowledged again has the newer note, and cools down no longer', () => {
    const combine = combineWindows(newTable(), evidenceSettings, () => undefined)
    const all: DriftSignal[] = []
    for (const each of own) {
      all.push(...combine.take(asInput(each), startedAt).signals)
      if (all.length !== 1) continue
      for (const note of ['known', '', 'a new campaign']) {
        const command = { ...say('acknowledge', all[0]!.alarmId), note }
        all.push(...combine.take({ rows: undefined, command }, startedAt).signals)
      }
    }
    expect(states(all)).toEqual(['raised 30', 'acknowledged 30', 'acknowledged 30', 'raised 36'])
    expect(all[2]!.note).toBe('a new campaign')
  })

  it('that is cleared is raised anew when the drift goes on', () => {
    expect(states(signalsWhen('clear'))).toEqual(['raised 30', 'cleared 30', 'raised 31'])
  })

  it('that is cleared for good makes what comes then the baseline', () => {
    expect(states(signalsWhen('relearn'))).toEqual(['raised 30', 'cleared 30'])
  })

  it('says where to look next', () => {
    const link = 'https://console.example/{model}/{feature}?window={window}&{unknown}'
    const { signals } = combineAll(own, { settings: { ...evidenceSettings, link } })
    expect(signals[0]!.link).toBe('https://console.example/loans/income?window=30&{unknown}')
  })
})

describe('a partition that is idle', () => {
  const minute = 60_000
  const take = (parts: readonly (readonly [number, number])[]) => {
    const table = newTable()
    const { rows } = countAll(explanations({ count: 400 }), { partitions: 2, batch: 20 })
    const own = rows.map((each) => each.filter(({ kind }) => kind === 'contributions'))
    return parts.map(([partition, minutes]) => {
      const { closed } = takeAnew(table, asInput(own[partition]!.shift()!), startedAt + minutes * minute)
      return closed.map(({ number }) => number)
    })
  }

  it('holds windows open until it has been silent for too long, and no longer after that', () => {
    expect(
      take([
        [0, 0],
        [0, 30],
        [0, 59],
        [0, 60],
        [0, 61],
      ]),
    ).toEqual([[], [], [], [0, 1, 2, 3], [4]])
  })

  it('comes back into the window that is open', () => {
    expect(
      take([
        [0, 0],
        [0, 60],
        [1, 61],
        [0, 62],
        [1, 63],
      ]),
    ).toEqual([[], [0, 1], [], [2], [3].slice(1)])
  })
})

describe('windows by time', () => {
  const settings: CountSettings = { ...countSettings, windows: { minutes: 40, latenessMinutes: 5 } }

  it('are watched like those by number, in any interleaving; spans without decisions are none', () => {
    const pause = explanations({ count: 2000, driftsAt: 1200 }).map(({ explanation, timestamp }, k) => {
      const later = timestamp + (k >= 1000 ? 30 * 86_400_000 : 0)
      return { explanation: { ...explanation, decidedAt: new Date(later).toISOString() }, timestamp: later }
    })
    const { rows } = countAll(pause, { partitions: 2, settings, batch: 10 })
    const once = combineAll(interleave(rows, 1))
    expect(raised(once.signals).map(({ window }) => window)).toEqual([30])
    expect(once.closed.filter(({ watched }) => watched.kind === 'quality').map(({ number }) => number)).toEqual(
      Array.from({ length: 49 }, (_, k) => k),
    )
    expect(combineAll(interleave(rows, 5), { restarts: true }).signals).toEqual(once.signals)
  })
})

describe('records that others have written', () => {
  const [rows] = countAll(explanations({ count: 50 })).rows
  it.each([
    ['a partition that there is not', { partition: 7 }],
    ['half a row', { rows: Buffer.alloc(12) }],
    ['no columns', { columns: [] }],
    ['a time that is too long', { from: '2026-11-01'.repeat(1000) }],
  ])('%s is refused, and the rest goes on', (_, change) => {
    const combine = combineWindows(newTable(), evidenceSettings, () => undefined)
    expect(combine.take(asInput({ ...rows![0]!, ...change }), startedAt).refused).toBe(1)
    expect(combine.take({ rows: undefined, command: undefined }, startedAt).refused).toBe(1)
    expect(combine.take(asInput(rows![0]!), startedAt).refused).toBe(0)
  })

  const numbers = (value: number): Buffer => Buffer.from(new Float64Array(rows![0]!.rows.length / 8).fill(value).buffer)
  it.each([
    ['of more partitions than there are', { partition: 3, partitions: 4 }],
    ['of more partitions than can be', { partition: 3e6, partitions: 2e9, settings: 'new' }],
    ['of other features', { columns: ['a', 'b', 'c', 'd'] }],
    ['of contributions that are not finite', { rows: numbers(Infinity) }],
    ['of contributions that are no numbers', { rows: numbers(Number.NaN) }],
  ])('%s are refused beside those of the monitor', (_, change) => {
    const combine = combineWindows(newTable(), evidenceSettings, () => undefined)
    expect(combine.take(asInput(rows![0]!), startedAt).refused).toBe(0)
    expect(combine.take(asInput({ ...rows![0]!, ...change }), startedAt).refused).toBe(1)
  })

  it('that are far ahead are taken at once', () => {
    const combine = combineWindows(newTable(), evidenceSettings, () => undefined)
    const far = { window: 1e15, closedBefore: 1e15 + 1 }
    expect(combine.take(asInput({ ...rows![0]!, ...far }), startedAt).closed.map(({ number }) => number)).toEqual([0])
  })
})

describe('a partition that others have left far behind', () => {
  it('holds no window open any longer', () => {
    const { rows } = countAll(explanations({ count: 6000 }), { partitions: 2, batch: 20 })
    const own = rows.map((each) => each.filter(({ kind }) => kind === 'contributions'))
    const closed = combineAll([own[1]![0]!, ...own[0]!]).closed.length
    expect(closed).toBeGreaterThan(40)
  })
})

describe('a baseline of which nothing more comes', () => {
  it('is forgotten after a quarter of a year, with all that was kept of it', () => {
    const table = newTable()
    const combine = combineWindows(table, evidenceSettings, () => undefined)
    for (const each of countAll(explanations({ count: 1000 })).rows[0]!) combine.take(asInput(each), startedAt)
    combine.keep()
    expect(combine.lastClosed().map(({ watched, number }) => [watched.kind, number])).toEqual([
      ['contributions', 24],
      ['quality', 24],
    ])
    const later = startedAt + 91 * 86_400_000
    const [next] = countAll(explanations({ count: 10, version: '2' })).rows[0]!
    combine.take(asInput(next!), later)
    combine.keep()
    expect(table.keys().filter((key) => key.startsWith('head/')).length).toBe(1)
    expect(table.keys().some((key) => /^(baseline|watch|learned)/.test(key))).toBe(false)
    expect(combine.lastClosed()).toEqual([])
  })
})
