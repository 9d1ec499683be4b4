import type { MonitoredExplanation, WindowRows } from '@raison/events'
import { MonitoringError } from '../monitoring-error.ts'
import { qualityOf } from '../quality.ts'
import { openBatch, type BatchParts } from './batch-parts.ts'
import { checkNumbers } from './check-explanation.ts'
import { rememberFamilies, type Family } from './families.ts'
import { openPlaces } from './places.ts'
import { openRecentIds } from './recent-ids.ts'
import { rowsOfBatch } from './rows-of-batch.ts'
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
  counted: CountedPartition,
): (records: readonly TimedExplanation[]) => CountResult {
  const places = openPlaces(table, settings, counted.partitions)
  const ids = openRecentIds(table, settings.mostRemembered)
  const rememberedMs = settings.duplicatesWithinHours * 3_600_000
  const familyOf = rememberFamilies(settings, counted.partitions)

  return (records) => {
    const batch = openBatch()
    const outcomes = { counted: 0, duplicates: 0, late: 0 }
    const refused = new Map<string, number>()
    for (const record of records) {
      const outcome = countOne(record, batch)
      if (typeof outcome === 'string') outcomes[outcome]++
      else refused.set(outcome.code, (refused.get(outcome.code) ?? 0) + 1)
    }
    const rows = rowsOfBatch(batch, places, settings, counted)
    ids.keep()
    places.keep()
    return { rows, ...outcomes, refused }
  }

  function countOne({ explanation, timestamp }: TimedExplanation, batch: BatchParts): Outcome {
    const seen = tryToSee(explanation, familyOf)
    if ('code' in seen) return seen
    const decidedAt = timeOf(explanation.decidedAt, timestamp)
    const remembered = places.watermark() - rememberedMs
    if (decidedAt < remembered) return 'late'
    if (!ids.add(explanation.explanationId, decidedAt, remembered)) return 'duplicates'
    const isInTime = addTo(batch, explanation, seen, decidedAt)
    places.pass(decidedAt)
    return isInTime ? 'counted' : 'late'
  }

  /** False where a window of it is closed. */
  function addTo(batch: BatchParts, explanation: MonitoredExplanation, seen: Seen, decidedAt: number): boolean {
    const { family, quality } = seen
    const members = membersOf(explanation, settings.slices)
    let isInTime = true
    for (const series of family.series) {
      const window = places.enter(series, decidedAt)
      if (window === undefined) isInTime = false
      else {
        batch.add({ series, window, explanation, quality, decidedAt, members })
        places.count(series.id)
      }
    }
    return isInTime
  }
}

/** Why it cannot be watched, or where it is counted in the result. */
type Outcome = Refusal | 'counted' | 'duplicates' | 'late'

interface Refusal {
  readonly code: string
}

/** What an explanation adds to, and its quality. */
interface Seen {
  readonly family: Family
  readonly quality: readonly number[]
}

/** What a Date can hold. */
const mostTime = 8.64e15

/** A decision is not younger than the record about it: a clock that is wrong must not close what is open. */
function timeOf(decidedAt: string, timestamp: number): number {
  const time = Date.parse(decidedAt)
  const written = Math.min(Math.max(timestamp, -mostTime), mostTime)
  return Number.isNaN(time) ? written : Math.min(time, written)
}

/** Means and variances of what is larger would be infinite. */
const mostQuality = 1e6

function tryToSee(
  explanation: MonitoredExplanation,
  familyOf: (explanation: MonitoredExplanation) => Family,
): Seen | Refusal {
  try {
    const quality = qualityOf(explanation).map((value) => Math.min(Math.max(value, -mostQuality), mostQuality))
    checkNumbers(explanation, quality)
    return { family: familyOf(explanation), quality }
  } catch (error) {
    if (error instanceof MonitoringError) return { code: error.code }
    throw error
  }
}
