import type { WindowDescription } from '@raison/drift'
import type { AlarmCommand, DriftSignal, MonitorInput, WindowRows } from '@raison/events'
import type { BaselineRecord } from '@raison/drift'
import { padded, readJson, writeJson, type Table } from '../windows/table.ts'
import { afterCommand } from './alarm.ts'
import type { EvidenceSettings } from './settings.ts'
import { comparisonOf, type Watched } from './signal.ts'
import { openWatch, type Watch } from './watch.ts'
import { joinParts, readPart, rowsOfSlice, toPart, writePart, type WindowPart } from './window-part.ts'

/** What a closed window was, for the metrics. */
export interface ClosedWindow {
  readonly watched: Watched
  readonly number: number
  readonly explanations: number
  readonly learning: boolean
  readonly logEvidence: number | undefined
  readonly description: WindowDescription | undefined
}

export interface CombineResult {
  readonly signals: readonly DriftSignal[]
  readonly closed: readonly ClosedWindow[]
  /** Rows of windows by time that had been closed without their partition. */
  readonly late: number
}

export interface Combine {
  /** `timestamp`: when the record was written, milliseconds since 1970. */
  take(input: MonitorInput, timestamp: number): CombineResult
  /** Every alarm that stands. */
  alarms(): readonly DriftSignal[]
}

/** What has been learned elsewhere of the explanations with this key. */
export type FindBaseline = (baselineKey: string) => BaselineRecord | undefined

/** Where one partition stands in the windows of a baseline. */
interface Standing {
  /** It has been silent for too long, and holds no window open until it speaks again. */
  idle: boolean
  /** Its number of a window plus this is ours: it grows when a partition was idle and comes back. */
  shift: number
  closedBefore: number
  /** When it spoke last, milliseconds since 1970. */
  seenAt: number
}

interface Head {
  readonly watched: Omit<Watched, 'slice'>
  readonly slices: readonly string[]
  readonly timed: boolean
  /** The first window that is open, and how many have been closed before it. */
  next: number
  closed: number
  /** Since when some partition has had nothing more for `next`; undefined while none has. */
  waitingSince: number | undefined
  readonly standings: readonly Standing[]
}

/** One baseline with all its slices. */
interface Group {
  readonly id: string
  readonly head: Head
  /** By window. */
  readonly open: Map<number, { readonly key: string; readonly part: WindowPart }[]>
  readonly watches: readonly { readonly watched: Watched; readonly slice: number | undefined; readonly watch: Watch }[]
}

const headPrefix = 'head/'
const knownPrefix = 'known/'

/**
 * The second stage: windows of all partitions together, and the evidence in them. Which rows are in a window, and so every
 * alarm, depends on what the partitions counted; only which partition is idle depends on when records came, which the records
 * themselves say. Everything is in the table: whoever opens it goes on where it was left.
 */
export function combineWindows(table: Table, settings: EvidenceSettings, findBaseline: FindBaseline): Combine {
  const groups = new Map<string, Group>()
  const known = new Map<string, string[]>()
  for (const key of table.keys())
    if (key.startsWith(headPrefix)) restore(key.slice(headPrefix.length), readJson<Head>(table, key)!)

  function restore(id: string, head: Head): Group {
    const { watched, slices } = head
    const given = givenFor(watched)
    const names = [undefined, ...slices.keys()]
    const group: Group = {
      id,
      head,
      open: readOpen(id),
      watches: names.map((slice) => {
        const ofSlice: Watched = { ...watched, slice: slice === undefined ? '' : slices[slice]! }
        const watchId = `${id}/${slice ?? 'all'}`
        return {
          watched: ofSlice,
          slice,
          watch: openWatch(table, watchId, ofSlice, settings, slice === undefined ? given : undefined),
        }
      }),
    }
    groups.set(id, group)
    return group
  }

  function givenFor({ baselineKey, columns }: Pick<Watched, 'baselineKey' | 'columns'>): BaselineRecord | undefined {
    const given = findBaseline(baselineKey)
    return given && sameNames(given.features, columns) ? given : undefined
  }

  function readOpen(id: string): Group['open'] {
    const prefix = `open/${id}/`
    const kept = table.keys().filter((key) => key.startsWith(prefix))
    const parts = kept.map((key) => ({ key, part: readPart(table.get(key)!) }))
    return Map.groupBy(parts, ({ key }) => Number(key.slice(prefix.length).split('/')[0]))
  }

  function found(rows: WindowRows): Group {
    const id = `${rows.baselineKey}.${rows.settings}`
    return groups.get(id) ?? restore(id, newHead(rows, givenFor(rows)?.features ?? rows.columns))
  }

  function takeRows(rows: WindowRows, timestamp: number): CombineResult {
    const group = found(rows)
    const { head, open, id } = group
    const standing = head.standings[rows.partition]!
    const isLate = rows.timed && rows.window < head.next
    if (!rows.timed && rows.window + standing.shift < head.next) standing.shift = head.next - rows.window
    const window = rows.window + standing.shift
    if (rows.members.length > 0 && !isLate) {
      const parts = open.get(window) ?? []
      const key = `open/${id}/${padded(window)}/${padded(rows.partition)}/${padded(parts.length)}`
      const part = toPart(rows, head.watched.columns)
      table.set(key, writePart(part))
      open.set(window, [...parts, { key, part }])
    }
    standing.closedBefore = Math.max(standing.closedBefore, rows.closedBefore + standing.shift)
    standing.seenAt = timestamp
    standing.idle = false
    const results = closeAll(group, timestamp)
    writeJson(table, headPrefix + id, head)
    return {
      signals: results.flatMap(({ signals }) => signals),
      closed: results.flatMap(({ closed }) => closed),
      late: isLate ? rows.members.length : 0,
    }
  }

  function closeAll(group: Group, now: number): Omit<CombineResult, 'late'>[] {
    const { head, open } = group
    const results: Omit<CombineResult, 'late'>[] = []
    for (;;) {
      // Spans without a decision are no windows.
      if (head.timed) head.next = Math.max(head.next, Math.min(...open.keys(), closedByAll(head)))
      const ready = head.standings.some(({ closedBefore }) => closedBefore > head.next)
      head.waitingSince = ready ? (head.waitingSince ?? now) : undefined
      markIdle(head, now)
      if (closedByAll(head) <= head.next) return results
      if (open.has(head.next)) results.push(closeNext(group))
      head.next++
      head.waitingSince = undefined
    }
  }

  function markIdle({ next, standings, waitingSince }: Head, now: number): void {
    for (const standing of standings) {
      const silentSince = Math.max(standing.seenAt, waitingSince ?? now)
      if (standing.closedBefore <= next && now - silentSince >= settings.idleAfterMinutes * 60_000) standing.idle = true
    }
  }

  function closeNext({ head, open, watches }: Group): Omit<CombineResult, 'late'> {
    const parts = open.get(head.next)!
    open.delete(head.next)
    for (const { key } of parts) table.delete(key)
    const partial = head.standings.some(({ closedBefore }) => closedBefore <= head.next)
    const window = joinParts(parts.map(({ part }) => part))
    const number = head.closed++
    const signals: DriftSignal[] = []
    const closed = watches.map(({ watched, slice, watch }): ClosedWindow => {
      const rows = rowsOfSlice(window, slice)
      const { signal, logEvidence, description } = watch.close(number, rows, partial)
      if (signal !== undefined) signals.push(signal)
      if (slice === undefined && watched.kind === 'contributions') signals.push(...compare(watched, watch, number))
      return {
        watched,
        number,
        explanations: rows.members.length,
        learning: watch.baseline() === undefined,
        logEvidence,
        description,
      }
    })
    return { signals, closed }
  }

  /** Once, when its baseline is known: with the baseline of the model that became known before it. */
  function compare(watched: Watched, watch: Watch, number: number): DriftSignal[] {
    const baseline = watch.baseline()
    const known = knownOf(watched.modelName)
    if (baseline === undefined || known.includes(watched.baselineKey)) return []
    const before = known.at(-1)
    known.push(watched.baselineKey)
    writeJson(table, knownPrefix + watched.modelName, known)
    const older = [...groups.values()]
      .flatMap(({ watches }) => watches[0]!)
      .find((one) => one.watched.baselineKey === before)
    const olderBaseline = older?.watch.baseline()
    if (older === undefined || olderBaseline === undefined) return []
    return [comparisonOf({ watched: older.watched, baseline: olderBaseline }, { watched, baseline }, number, settings)]
  }

  /** The baselines of a model, in the order in which they became known. */
  function knownOf(modelName: string): string[] {
    if (!known.has(modelName)) known.set(modelName, readJson(table, knownPrefix + modelName) ?? [])
    return known.get(modelName)!
  }

  function takeCommand(command: AlarmCommand): CombineResult {
    const signals = [...groups.values()].flatMap(({ head, watches }) =>
      watches.flatMap(({ watch }) => {
        const change = afterCommand(watch.alarm(), command, head.closed, settings.cooldown)
        if (change === undefined) return []
        watch.setAlarm(change.alarm)
        if (command.action === 'relearn') watch.relearn()
        return change.signal === undefined ? [] : [change.signal]
      }),
    )
    return { signals, closed: [], late: 0 }
  }

  return {
    take({ rows, command }, timestamp) {
      if (rows !== undefined) return takeRows(rows, timestamp)
      return command === undefined ? { signals: [], closed: [], late: 0 } : takeCommand(command)
    },
    alarms: () =>
      [...groups.values()].flatMap(({ watches }) => watches.flatMap(({ watch }) => watch.alarm().open?.signal ?? [])),
  }
}

function newHead(rows: WindowRows, columns: readonly string[]): Head {
  const { baselineKey, kind, modelName, modelVersion, adverse, slices, partitions, timed } = rows
  return {
    // All slices of the contributions, and those of the quality.
    watched: { baselineKey, kind, modelName, modelVersion, adverse, columns, together: 2 * (1 + slices.length) },
    slices,
    timed,
    next: 0,
    closed: 0,
    waitingSince: undefined,
    standings: Array.from({ length: partitions }, () => ({ idle: false, shift: 0, closedBefore: 0, seenAt: 0 })),
  }
}

/** Windows below it are complete, but for partitions that are idle. */
function closedByAll({ standings }: Head): number {
  const speaking = standings.filter(({ idle }) => !idle)
  return Math.min(...speaking.map(({ closedBefore }) => closedBefore))
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name))
}
