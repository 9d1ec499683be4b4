import { rowWidth, type Baseline, type BaselineRecord, type WindowDescription } from '@raison/drift'
import type { AlarmCommand, DriftSignal, MonitorInput, WindowRows } from '@raison/events'
import { mostContribution } from '../windows/check-explanation.ts'
import { padded, readJson, writeJson, type Table } from '../windows/table.ts'
import { afterCommand } from './alarm.ts'
import { closeNext, hear, isPartial, newProgress, type Progress } from './progress.ts'
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
  readonly describe: () => WindowDescription | undefined
}

export interface CombineResult {
  readonly signals: readonly DriftSignal[]
  readonly closed: readonly ClosedWindow[]
  /** Rows of windows by time that had been closed without their partition. */
  readonly late: number
  /** Records that are neither rows nor a command, or no whole rows. */
  readonly refused: number
}

export interface Combine {
  /** `timestamp`: when the record was written, milliseconds since 1970. */
  take(input: MonitorInput, timestamp: number): CombineResult
  /** Every alarm that stands. */
  alarms(): readonly DriftSignal[]
  /** The window that was closed last since this was opened, of every slice of every baseline that is not forgotten. */
  lastClosed(): readonly ClosedWindow[]
  /** Into the table, what has changed since the last call: once for a batch, in which a window may open and close. */
  keep(): void
}

/** What has been learned elsewhere of the explanations with this key. */
export type FindBaseline = (baselineKey: string) => BaselineRecord | undefined

/** What is kept of a baseline beside its open windows and its watches. */
interface Head {
  readonly watched: Omit<Watched, 'slice'>
  readonly slices: readonly string[]
  readonly progress: Progress
  /** Windows closed so far. */
  closed: number
  /** When its last rows were written, milliseconds since 1970. */
  seenAt: number
}

interface OpenPart {
  readonly key: string
  readonly part: WindowPart
  isKept: boolean
}

/** One baseline with all its slices. */
interface Group {
  readonly id: string
  readonly head: Head
  /** By window. */
  readonly open: Map<number, OpenPart[]>
  readonly watches: readonly { readonly watched: Watched; readonly slice: number | undefined; readonly watch: Watch }[]
  /** What was closed last, of every watch. */
  lastClosed: readonly ClosedWindow[]
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
  const changed = new Set<Group>()
  for (const key of table.keys())
    if (key.startsWith(headPrefix)) restore(key.slice(headPrefix.length), readJson<Head>(table, key)!)

  function restore(id: string, head: Head, given?: BaselineRecord): Group {
    const { watched, slices } = head
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
      lastClosed: [],
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
    const parts = kept.map((key) => ({ key, part: readPart(table.get(key)!), isKept: true }))
    return Map.groupBy(parts, ({ key }) => Number(key.slice(prefix.length).split('/')[0]))
  }

  function groupOf(rows: WindowRows): Group {
    const id = `${rows.baselineKey}.${rows.settings}`
    const known = groups.get(id)
    if (known !== undefined) return known
    // Only now: the columns are in its order from here on.
    const given = givenFor(rows)
    return restore(id, newHead(rows, given?.features ?? rows.columns), given)
  }

  function takeRows(rows: WindowRows, timestamp: number): CombineResult {
    if (!isWhole(rows)) return { ...nothing, refused: 1 }
    forgetBefore(timestamp - forgetAfterMs)
    const group = groupOf(rows)
    const { head, open } = group
    const part = toPart(rows, head.watched.columns)
    if (!isOfGroup(head, rows) || !isFinitePart(part, head.watched)) return { ...nothing, refused: 1 }
    head.seenAt = Math.max(head.seenAt, timestamp)
    const window = hear(head.progress, rows, timestamp)
    if (window !== undefined && rows.members.length > 0) hold(group, window, part)
    const closed: ClosedWindow[] = []
    const signals: DriftSignal[] = []
    const idleAfterMs = settings.idleAfterMinutes * 60_000
    for (let next; (next = closeNext(head.progress, open, timestamp, idleAfterMs)) !== undefined;)
      if (open.has(next)) close(group, next, closed, signals)
    changed.add(group)
    return { ...nothing, signals, closed, late: window === undefined ? rows.members.length : 0 }
  }

  function hold({ id, open }: Group, window: number, part: WindowPart): void {
    const parts = open.get(window) ?? []
    const key = `open/${id}/${padded(window)}/${padded(part.partition)}/${padded(parts.length)}`
    open.set(window, [...parts, { key, part, isKept: false }])
  }

  function keep({ id, head, open, watches }: Group): void {
    writeJson(table, headPrefix + id, head)
    for (const { watch } of watches) watch.keep()
    for (const part of [...open.values()].flat()) {
      if (!part.isKept) table.set(part.key, writePart(part.part))
      part.isKept = true
    }
  }

  function close(group: Group, next: number, closed: ClosedWindow[], signals: DriftSignal[]): void {
    const { head, open, watches } = group
    const parts = open.get(next)!
    open.delete(next)
    for (const { key } of parts) table.delete(key)
    const window = joinParts(parts.map(({ part }) => part))
    const partial = isPartial(head.progress, next)
    const number = head.closed++
    const ofSlices: ClosedWindow[] = []
    for (const { watched, slice, watch } of watches) {
      const rows = rowsOfSlice(window, slice)
      const { signal, logEvidence, describe } = watch.close(number, rows, partial)
      const learning = watch.baseline() === undefined
      if (signal !== undefined) signals.push(signal)
      if (slice === undefined && watched.kind === 'contributions') signals.push(...compare(watched, watch, number))
      ofSlices.push({ watched, number, explanations: rows.members.length, learning, logEvidence, describe })
    }
    closed.push(...ofSlices)
    group.lastClosed = ofSlices
  }

  /** Once, when its baseline is known: with the baseline of the model that became known before it. */
  function compare(watched: Watched, watch: Watch, number: number): DriftSignal[] {
    const baseline = watch.baseline()
    const known = knownOf(watched.modelName)
    if (baseline === undefined || known.includes(watched.baselineKey)) return []
    const older = newestOf(known)
    known.push(watched.baselineKey)
    writeJson(table, knownPrefix + watched.modelName, known)
    return older === undefined ? [] : [comparisonOf(older, { watched, baseline }, number, settings)]
  }

  /** Of the last of these keys that still has a baseline; of several groups of a key the first by id. */
  function newestOf(keys: readonly string[]): { watched: Watched; baseline: Baseline } | undefined {
    const candidates = [...groups.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
    for (const key of keys.toReversed())
      for (const { watches } of candidates) {
        const { watched, watch } = watches[0]!
        const baseline = watch.baseline()
        if (watched.baselineKey === key && baseline !== undefined) return { watched, baseline }
      }
    return undefined
  }

  /** What has had no rows since, unless an alarm of it stands: its model decides no more. */
  function forgetBefore(time: number): void {
    for (const group of groups.values()) {
      const { id, head, watches } = group
      if (head.seenAt >= time || watches.some(({ watch }) => watch.alarm().open !== undefined)) continue
      groups.delete(id)
      changed.delete(group)
      for (const key of table.keys()) if (key.includes(`/${id}`)) table.delete(key)
    }
  }

  /** The baselines of a model, in the order in which they became known. */
  function knownOf(modelName: string): string[] {
    if (!known.has(modelName)) known.set(modelName, readJson(table, knownPrefix + modelName) ?? [])
    return known.get(modelName)!
  }

  function takeCommand(command: AlarmCommand): CombineResult {
    const signals = [...groups.values()].flatMap((group) =>
      group.watches.flatMap(({ watch }) => {
        const { head } = group
        const change = afterCommand(watch.alarm(), command, head.closed, settings.cooldown)
        if (change === undefined) return []
        watch.setAlarm(change.alarm)
        changed.add(group)
        if (command.action === 'relearn') watch.relearn()
        return change.signal === undefined ? [] : [change.signal]
      }),
    )
    return { ...nothing, signals }
  }

  return {
    take({ rows, command }, timestamp) {
      if (rows !== undefined) return takeRows(rows, timestamp)
      return command === undefined ? { ...nothing, refused: 1 } : takeCommand(command)
    },
    alarms: () =>
      [...groups.values()].flatMap(({ watches }) => watches.flatMap(({ watch }) => watch.alarm().open?.signal ?? [])),
    lastClosed: () => [...groups.values()].flatMap(({ lastClosed }) => lastClosed),
    keep() {
      for (const group of changed) keep(group)
      changed.clear()
    },
  }
}

const nothing: CombineResult = { signals: [], closed: [], late: 0, refused: 0 }

const forgetAfterMs = 90 * 86_400_000

/** More than Kafka has. */
const mostPartitions = 1e6

/** Characters of an ISO time in any year: times are kept. */
const longestTime = 27

/** The topic may be written by others. */
function isWhole(part: WindowRows): boolean {
  const { partition, partitions, kind, adverse, columns, members, decisionIds, rows, from, until } = part
  const width = rowWidth(columns.length, kind === 'quality' ? undefined : adverse)
  const isOfPartition =
    Number.isInteger(partition) && partition >= 0 && partition < Math.min(partitions, mostPartitions)
  return (
    isOfPartition &&
    columns.length > 0 &&
    Math.max(from.length, until.length) <= longestTime &&
    rows.length === 8 * width * members.length &&
    decisionIds.length === members.length
  )
}

/** What the id of the group says already, where the monitor has written it. */
function isOfGroup({ progress, watched }: Head, { partitions, columns }: WindowRows): boolean {
  return partitions === progress.standings.length && sameNames(columns, watched.columns)
}

/** Of contributions; what is not known of their values is no number. */
function isFinitePart({ values }: WindowPart, { kind, columns }: Head['watched']): boolean {
  const n = columns.length
  const width = kind === 'quality' ? n : 2 * n
  for (let row = 0; row < values.length; row += width)
    for (let at = row; at < row + n; at++) if (!(Math.abs(values[at]!) < mostContribution)) return false
  return true
}

function newHead(rows: WindowRows, columns: readonly string[]): Head {
  const { baselineKey, settings, kind, modelName, modelVersion, adverse, slices, partitions, timed } = rows
  // All slices of the contributions, and those of the quality.
  const together = 2 * (1 + slices.length)
  const watched = { baselineKey, settings, kind, modelName, modelVersion, adverse, columns, together }
  return { watched, slices, progress: newProgress(partitions, timed), closed: 0, seenAt: 0 }
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name))
}
