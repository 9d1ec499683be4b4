import type { WindowRows } from '@raison/events'
import type { BatchParts, Part } from './batch-parts.ts'
import type { CountedPartition } from './count-partition.ts'
import type { Places } from './places.ts'
import type { CountSettings } from './settings.ts'

/** What a partition says of its windows after a batch: the rows of it, and then which windows have closed without any. */
export function rowsOfBatch(
  batch: BatchParts,
  places: Places,
  { windows, slices, softwareVersion }: CountSettings,
  { partition, partitions }: CountedPartition,
): WindowRows[] {
  const timed = 'minutes' in windows
  const names = slices.map(({ name }) => name)
  const parts = batch.parts().map((part) => ({ ...part, closedBefore: closedAfter(part, places, timed) }))
  return [...parts, ...places.close().map(closingOf)].map(({ series, window, closedBefore, from, until, ...part }) => {
    const { baselineKey, settings, columns, head } = places.get(series.id)
    return {
      baselineKey,
      settings,
      ...head,
      columns,
      slices: names,
      partitions,
      partition,
      timed,
      window,
      closedBefore,
      rows: part.rows,
      members: part.members,
      decisionIds: part.decisionIds,
      from: isoOf(from),
      until: isoOf(until),
      softwareVersion,
    }
  })
}

/** Of windows by time only a closing says so: a later part of the batch may be of an earlier window. */
function closedAfter(
  { series, window, goesOn }: Part & { readonly goesOn: boolean },
  places: Places,
  timed: boolean,
): number {
  const place = places.get(series.id)
  if (timed) return place.window
  return goesOn ? window : Math.min(window + 1, place.window)
}

interface ClosingPart extends Part {
  readonly closedBefore: number
}

function closingOf({ id, window }: { readonly id: string; readonly window: number }): ClosingPart {
  return { series: { id }, window, closedBefore: window, ...nothing }
}

const nothing = { rows: Buffer.alloc(0), members: [], decisionIds: [], from: Infinity, until: -Infinity }

function isoOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : ''
}
