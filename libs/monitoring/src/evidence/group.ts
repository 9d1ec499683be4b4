import type { BaselineRecord, WindowDescription } from '@raison/drift'
import type { WindowRows } from '@raison/events'
import { writeJson, type Table } from '../windows/table.ts'
import { keepOpenWindows, readOpenWindows, type OpenWindows } from './open-windows.ts'
import { newProgress, type Progress } from './progress.ts'
import type { EvidenceSettings } from './settings.ts'
import type { Watched } from './signal.ts'
import { openWatch, type Watch } from './watch.ts'

/** One baseline with all its slices. */
export interface Group {
  readonly id: string
  readonly head: Head
  readonly open: OpenWindows
  /** All decisions first, then every slice. */
  readonly watches: readonly SliceWatch[]
  /** What was closed last, of every watch. */
  lastClosed: readonly ClosedWindow[]
}

/** What is kept of a baseline beside its open windows and its watches. */
export interface Head {
  readonly watched: Omit<Watched, 'slice'>
  readonly slices: readonly string[]
  readonly progress: Progress
  /** Windows closed so far. */
  closed: number
  /** When its last rows were written, milliseconds since 1970. */
  seenAt: number
}

export interface SliceWatch {
  readonly watched: Watched
  /** Its number; undefined: all decisions. */
  readonly slice: number | undefined
  readonly watch: Watch
}

/** What a closed window was, for the metrics. */
export interface ClosedWindow {
  readonly watched: Watched
  readonly number: number
  readonly explanations: number
  readonly learning: boolean
  readonly logEvidence: number | undefined
  readonly describe: () => WindowDescription | undefined
}

export const headPrefix = 'head/'

export function newHead(rows: WindowRows, columns: readonly string[]): Head {
  const { baselineKey, settings, kind, modelName, modelVersion, adverse, slices, partitions, timed } = rows
  // All slices of the contributions, and those of the quality.
  const together = 2 * (1 + slices.length)
  const watched = { baselineKey, settings, kind, modelName, modelVersion, adverse, columns, together }
  return { watched, slices, progress: newProgress(partitions, timed), closed: 0, seenAt: 0 }
}

/** With what the table has of its windows and watches; `given`: a baseline of all decisions, for one that the table does not know. */
export function openGroup(
  table: Table,
  settings: EvidenceSettings,
  id: string,
  head: Head,
  given?: BaselineRecord,
): Group {
  const { watched, slices } = head
  const watchOf = (slice: number | undefined): SliceWatch => {
    const ofSlice: Watched = { ...watched, slice: slice === undefined ? '' : slices[slice]! }
    const baseline = slice === undefined ? given : undefined
    return { watched: ofSlice, slice, watch: openWatch(table, `${id}/${slice ?? 'all'}`, ofSlice, settings, baseline) }
  }
  const open = readOpenWindows(table, id)
  return { id, head, open, watches: [undefined, ...slices.keys()].map(watchOf), lastClosed: [] }
}

/** Into the table, what has changed since the last call. */
export function keepGroup(table: Table, { id, head, open, watches }: Group): void {
  writeJson(table, headPrefix + id, head)
  for (const { watch } of watches) watch.keep()
  keepOpenWindows(table, open)
}

/** Nothing of it stays in the table. */
export function deleteGroup(table: Table, { id }: Group): void {
  for (const key of table.keys()) if (key.includes(`/${id}`)) table.delete(key)
}
