import type { MonitoredExplanation, WindowRows } from '@raison/events'
import { MonitoringError } from '../monitoring-error.ts'
import { qualityOf } from '../quality.ts'
import { openBatch, type Part } from './batch-parts.ts'
import { checkNumbers } from './check-explanation.ts'
import { rememberFamilies, type Family, type Series } from './families.ts'
import { openRecentIds } from './recent-ids.ts'
import { hashOfSettings, type CountSettings } from './settings.ts'
import { membersOf } from './slices.ts'
import { readJson, writeJson, type Table } from './table.ts'

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

/** Where a baseline stands on this partition: a record of the table. */
interface Place {
  readonly baselineKey: string
  readonly settings: string
  readonly columns: readonly string[]
  readonly head: Pick<WindowRows, 'kind' | 'modelName' | 'modelVersion' | 'adverse'>
  /** Windows by number: the open one, and how many it has. By time: all below it have been closed. */
  window: number
  counted: number
  /** The latest decidedAt of it. */
  latest: number
}

/** A baseline of which nothing has come for so long is forgotten: its model decides no more. */
const forgetAfterMs = 90 * 86_400_000

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
  const prefix = `standing/${hashOfSettings(settings, partitions, [])}/`
  for (const key of table.keys()) if (key.startsWith('standing/') && !key.startsWith(prefix)) table.delete(key)
  const [watermarkKey, placePrefix] = [`${prefix}watermark`, `${prefix}place/`]
  const places = new Map<string, Place>()
  for (const key of table.keys())
    if (key.startsWith(placePrefix)) places.set(key.slice(placePrefix.length), readJson(table, key)!)
  const changed = new Set<string>()
  /** The latest decidedAt, milliseconds since 1970. */
  let watermark = readJson<number>(table, watermarkKey) ?? -Infinity
  const ids = openRecentIds(table, settings.mostRemembered)
  const rememberedMs = settings.duplicatesWithinHours * 3_600_000
  const quota = 'explanations' in windows ? Math.ceil(windows.explanations / partitions) : Infinity
  const familyOf = rememberFamilies(settings, partitions)

  function placeOf(series: Series): Place {
    const place = places.get(series.id) ?? newPlace(series)
    places.set(series.id, place)
    changed.add(series.id)
    return place
  }

  function keepPlaces(): void {
    for (const [id, { latest }] of places) {
      if (watermark - latest < forgetAfterMs) continue
      places.delete(id)
      changed.delete(id)
      table.delete(placePrefix + id)
    }
    for (const id of changed) writeJson(table, placePrefix + id, places.get(id))
    changed.clear()
    if (watermark > -Infinity) writeJson(table, watermarkKey, watermark)
  }

  /** Undefined when it is closed. */
  function windowFor(place: Place, decidedAt: number): number | undefined {
    if ('explanations' in windows) return place.window
    const window = Math.floor(decidedAt / (windows.minutes * 60_000))
    return window < openFrom() ? undefined : window
  }

  /** Windows by time: the first that is not closed. */
  function openFrom(): number {
    if ('explanations' in windows) return 0
    const { minutes, latenessMinutes } = windows
    return Math.max(0, Math.floor((watermark - latenessMinutes * 60_000) / (minutes * 60_000)))
  }

  function count(place: Place): void {
    if (++place.counted < quota) return
    place.window++
    place.counted = 0
  }

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
      if (decidedAt < watermark - rememberedMs) {
        late++
        continue
      }
      if (!ids.add(explanation.explanationId, decidedAt, watermark - rememberedMs)) {
        duplicates++
        continue
      }
      const members = membersOf(explanation, slices)
      let isLate = false
      for (const series of seen.family.series) {
        const place = placeOf(series)
        place.latest = Math.max(place.latest, decidedAt)
        const window = windowFor(place, decidedAt)
        if (window === undefined) {
          isLate = true
          continue
        }
        batch.add({ series, window, explanation, quality: seen.quality, decidedAt, members })
        count(place)
      }
      if (isLate) late++
      else counted++
      watermark = Math.max(watermark, decidedAt)
    }
    const parts = [...batch.parts().map((part) => ({ ...part, closedBefore: closedAfter(part) })), ...closings()]
    const rows = parts.map(toWindowRows)
    ids.keep()
    keepPlaces()
    return { rows, counted, duplicates, late, refused }
  }

  /** Of windows by time only a closing says so: a later part of the batch may be of an earlier window. */
  function closedAfter({ series, window, goesOn }: Part & { readonly goesOn: boolean }): number {
    const place = places.get(series.id)!
    if ('minutes' in windows) return place.window
    return goesOn ? window : Math.min(window + 1, place.window)
  }

  function toWindowRows({ series, window, closedBefore, from, until, ...part }: ClosingPart): WindowRows {
    const { baselineKey, settings, columns, head } = places.get(series.id)!
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

  /** Windows by time also close without rows: of every baseline whose watermark has passed the end of one. */
  function closings(): ClosingPart[] {
    if ('explanations' in windows) return []
    const from = openFrom()
    const passed = [...places].filter(([, place]) => place.window < from)
    for (const [id, place] of passed) {
      place.window = from
      changed.add(id)
    }
    return passed.map(([id]) => ({ series: { id }, window: from, closedBefore: from, ...nothing }))
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

function newPlace({ baselineKey, settings, columns, kind, modelName, modelVersion, adverse }: Series): Place {
  const head = { kind, modelName, modelVersion, adverse }
  return { baselineKey, settings, columns, head, window: 0, counted: 0, latest: -Infinity }
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

interface ClosingPart extends Part {
  readonly closedBefore: number
}

const nothing = { rows: Buffer.alloc(0), members: [], decisionIds: [], from: Infinity, until: -Infinity }
