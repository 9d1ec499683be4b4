import type { MonitoredExplanation, WindowRows } from '@raison/events'
import { MonitoringError } from '../monitoring-error.ts'
import { qualityOf } from '../quality.ts'
import { openBatch, type Part } from './batch-parts.ts'
import { checkNumbers } from './check-explanation.ts'
import { rememberFamilies, type Family } from './families.ts'
import { openPlaces } from './places.ts'
import { openRecentIds } from './recent-ids.ts'
import type { CountSettings } from './settings.ts'
import { membersOf } from './slices.ts'
import type { Table } from './table.ts'

/** One partition of the explanations. */
export interface CountedPartition {
  readonly partition: number
  readonly partitions: number
}

/** A record of it that was read. */
export interface TimedExplanation {
  readonly explanation: MonitoredExplanation
  /** When the record was written, milliseconds since 1970. */
  readonly timestamp: number
}

export interface CountResult {
  readonly rows: readonly WindowRows[]
  readonly counted: number
  /** Their explanationId had been counted. */
  readonly duplicates: number
  /** Their window was closed, or they are older than what is remembered. */
  readonly late: number
  /** By code: explanations that cannot be watched. */
  readonly refused: ReadonlyMap<string, number>
}

/**
 * The first stage: which explanations of a partition count, and in which window. What it says depends on the partition's
 * records and their order alone, whoever takes them and in batches of any size.
 */
export function countPartition(
  table: Table,
  settings: CountSettings,
  { partition, partitions }: CountedPartition,
): (records: readonly TimedExplanation[]) => CountResult {
  const { windows, slices, softwareVersion } = settings
  const places = openPlaces(table, settings, partitions)
  const ids = openRecentIds(table, settings.mostRemembered)
  const rememberedMs = settings.duplicatesWithinHours * 3_600_000
  const familyOf = rememberFamilies(settings, partitions)

  return (records) => {
    const batch = openBatch()
    const refused = new Map<string, number>()
    let [counted, duplicates, late] = [0, 0, 0]
    for (const { explanation, timestamp } of records) {
      const seen = tryToSee(explanation, familyOf)
      if ('code' in seen) {
        refused.set(seen.code, (refused.get(seen.code) ?? 0) + 1)
        continue
      }
      const decidedAt = timeOf(explanation.decidedAt, timestamp)
      const remembered = places.watermark() - rememberedMs
      if (decidedAt < remembered) {
        late++
        continue
      }
      if (!ids.add(explanation.explanationId, decidedAt, remembered)) {
        duplicates++
        continue
      }
      const members = membersOf(explanation, slices)
      let isLate = false
      for (const series of seen.family.series) {
        const window = places.enter(series, decidedAt)
        if (window === undefined) {
          isLate = true
          continue
        }
        batch.add({ series, window, explanation, quality: seen.quality, decidedAt, members })
        places.count(series.id)
      }
      if (isLate) late++
      else counted++
      places.pass(decidedAt)
    }
    const parts = batch.parts().map((part) => ({ ...part, closedBefore: closedAfter(part) }))
    const rows = [...parts, ...places.close().map(closingOf)].map(toWindowRows)
    ids.keep()
    places.keep()
    return { rows, counted, duplicates, late, refused }
  }

  /** Of windows by time only a closing says so: a later part of the batch may be of an earlier window. */
  function closedAfter({ series, window, goesOn }: Part & { readonly goesOn: boolean }): number {
    const place = places.get(series.id)
    if ('minutes' in windows) return place.window
    return goesOn ? window : Math.min(window + 1, place.window)
  }

  function toWindowRows({ series, window, closedBefore, from, until, ...part }: ClosingPart): WindowRows {
    const { baselineKey, settings, columns, head } = places.get(series.id)
    return {
      baselineKey,
      settings,
      ...head,
      columns,
      slices: slices.map(({ name }) => name),
      partitions,
      partition,
      timed: 'minutes' in windows,
      window,
      closedBefore,
      rows: part.rows,
      members: part.members,
      decisionIds: part.decisionIds,
      from: isoOf(from),
      until: isoOf(until),
      softwareVersion,
    }
  }
}

/** What a Date can hold. */
const mostTime = 8.64e15

/** A decision is not younger than the record about it: a clock that is wrong must not close what is open. */
function timeOf(decidedAt: string, timestamp: number): number {
  const time = Date.parse(decidedAt)
  const written = Math.min(Math.max(timestamp, -mostTime), mostTime)
  return Number.isNaN(time) ? written : Math.min(time, written)
}

function isoOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : ''
}

/** Means and variances of what is larger would be infinite. */
const mostQuality = 1e6

/** What an explanation adds to, and its quality; or why it cannot be watched. */
function tryToSee(
  explanation: MonitoredExplanation,
  familyOf: (explanation: MonitoredExplanation) => Family,
): { readonly family: Family; readonly quality: readonly number[] } | { readonly code: string } {
  try {
    const quality = qualityOf(explanation).map((value) => Math.min(Math.max(value, -mostQuality), mostQuality))
    checkNumbers(explanation, quality)
    return { family: familyOf(explanation), quality }
  } catch (error) {
    if (error instanceof MonitoringError) return { code: error.code }
    throw error
  }
}

function closingOf({ id, window }: { readonly id: string; readonly window: number }): ClosingPart {
  return { series: { id }, window, closedBefore: window, ...nothing }
}

interface ClosingPart extends Part {
  readonly closedBefore: number
}

const nothing = { rows: Buffer.alloc(0), members: [], decisionIds: [], from: Infinity, until: -Infinity }
