import type { AlarmCommand, DriftSignal, MonitorInput, WindowRows } from '@raison/events'
import type { Table } from '../windows/table.ts'
import { afterCommand } from './alarm.ts'
import { isFinitePart, isOfGroup, isWhole } from './check-rows.ts'
import { compareWithOlder } from './compare-versions.ts'
import type { ClosedWindow, Group, SliceWatch } from './group.ts'
import { openGroups, type FindBaseline, type Groups } from './groups.ts'
import { holdPart, takeWindow } from './open-windows.ts'
import { closeNext, hear, isPartial } from './progress.ts'
import type { EvidenceSettings } from './settings.ts'
import { rowsOfSlice, toPart } from './window-part.ts'

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

interface Stage {
  readonly table: Table
  readonly settings: EvidenceSettings
  readonly groups: Groups
}

/**
 * The second stage: windows of all partitions together, and the evidence in them. Which rows are in a window, and so every
 * alarm, depends on what the partitions counted; only which partition is idle depends on when records came, which the records
 * themselves say. Everything is in the table: whoever opens it goes on where it was left.
 */
export function combineWindows(table: Table, settings: EvidenceSettings, findBaseline: FindBaseline): Combine {
  const groups = openGroups(table, settings, findBaseline)
  const stage: Stage = { table, settings, groups }
  return {
    take({ rows, command }, timestamp) {
      if (rows !== undefined) return takeRows(stage, rows, timestamp)
      return command === undefined ? refusal : takeCommand(stage, command)
    },
    alarms: () =>
      groups.all().flatMap(({ watches }) => watches.flatMap(({ watch }) => watch.alarm().open?.signal ?? [])),
    lastClosed: () => groups.all().flatMap(({ lastClosed }) => lastClosed),
    keep: () => groups.keep(),
  }
}

const nothing: CombineResult = { signals: [], closed: [], late: 0, refused: 0 }
const refusal: CombineResult = { ...nothing, refused: 1 }

const forgetAfterMs = 90 * 86_400_000

function takeRows(stage: Stage, rows: WindowRows, timestamp: number): CombineResult {
  if (!isWhole(rows)) return refusal
  const { groups } = stage
  groups.forgetBefore(timestamp - forgetAfterMs)
  const group = groups.of(rows)
  const { id, head, open } = group
  const part = toPart(rows, head.watched.columns)
  if (!isOfGroup(head, rows) || !isFinitePart(part, head.watched)) return refusal
  head.seenAt = Math.max(head.seenAt, timestamp)
  groups.change(group)
  const window = hear(head.progress, rows, timestamp)
  if (window !== undefined && rows.members.length > 0) holdPart(open, id, window, part)
  const late = window === undefined ? rows.members.length : 0
  return { ...nothing, ...closeComplete(stage, group, timestamp), late }
}

type Closed = Pick<CombineResult, 'signals' | 'closed'>

/** Every window that waits for no partition any more. */
function closeComplete(stage: Stage, group: Group, timestamp: number): Closed {
  const { head, open } = group
  const idleAfterMs = stage.settings.idleAfterMinutes * 60_000
  const all: Closed[] = []
  for (let next; (next = closeNext(head.progress, open, timestamp, idleAfterMs)) !== undefined;)
    if (open.has(next)) all.push(closeWindow(stage, group, next))
  return { signals: all.flatMap(({ signals }) => signals), closed: all.flatMap(({ closed }) => closed) }
}

function closeWindow(stage: Stage, group: Group, next: number): Closed {
  const { head, open, watches } = group
  const window = takeWindow(stage.table, open, next)
  const partial = isPartial(head.progress, next)
  const number = head.closed++
  const signals: DriftSignal[] = []
  group.lastClosed = watches.map((each) => {
    const { watched, slice, watch } = each
    const rows = rowsOfSlice(window, slice)
    const { signal, logEvidence, describe } = watch.close(number, rows, partial)
    const learning = watch.baseline() === undefined
    signals.push(...[signal, compare(stage, each, number)].filter((one) => one !== undefined))
    return { watched, number, explanations: rows.members.length, learning, logEvidence, describe }
  })
  return { signals, closed: group.lastClosed }
}

/** Versions are compared by all their decisions, and by the reasons. */
function compare({ table, settings, groups }: Stage, each: SliceWatch, number: number): DriftSignal | undefined {
  const isCompared = each.slice === undefined && each.watched.kind === 'contributions'
  return isCompared ? compareWithOlder(table, groups.all(), each, number, settings) : undefined
}

function takeCommand({ settings, groups }: Stage, command: AlarmCommand): CombineResult {
  const signals = groups.all().flatMap((group) =>
    group.watches.flatMap(({ watch }) => {
      const change = afterCommand(watch.alarm(), command, group.head.closed, settings.cooldown)
      if (change === undefined) return []
      watch.setAlarm(change.alarm)
      groups.change(group)
      if (command.action === 'relearn') watch.relearn()
      return change.signal === undefined ? [] : [change.signal]
    }),
  )
  return { ...nothing, signals }
}
