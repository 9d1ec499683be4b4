import type { WindowRows } from '@raison/events'
import { openRecentIds } from './recent-ids.ts'
import type { MonitoredExplanation } from '../monitored-explanation.ts'
import { MonitoringError } from '../monitoring-error.ts'
import { membersOf, observe, type Observation } from './observe.ts'
import { hashOfSettings, type CountSettings } from './settings.ts'
import { readJson, writeJson, type Table } from './table.ts'

/** One partition of the explanations. */
export interface CountedPartition {
  readonly partition: number
  readonly partitions: number
}

/** A record of it, or why it is none. */
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
  const layoutOf = rememberLayouts(settings, partitions)

  function placeOf({ baselineKey, kind }: Observation, { settings, columns, model }: Layout): readonly [string, Place] {
    const id = `${baselineKey}.${settings}`
    const head = { kind, ...model }
    const place = places.get(id) ?? { baselineKey, settings, columns, head, window: 0, counted: 0, latest: -Infinity }
    places.set(id, place)
    changed.add(id)
    return [id, place]
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
      const observed = tryObserve(explanation)
      if ('code' in observed) {
        refused.set(observed.code, (refused.get(observed.code) ?? 0) + 1)
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
      for (const observation of observed.observations) {
        const layout = layoutOf(observation.columns, explanation)
        const [id, place] = placeOf(observation, layout)
        place.latest = Math.max(place.latest, decidedAt)
        const window = windowFor(place, decidedAt)
        if (window === undefined) {
          isLate = true
          continue
        }
        batch.add({ id, window, row: inOrder(observation.row, layout), decidedAt, members, explanation })
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
  function closedAfter({ id, window, goesOn }: Part & { readonly goesOn: boolean }): number {
    const place = places.get(id)!
    if ('minutes' in windows) return place.window
    return goesOn ? window : Math.min(window + 1, place.window)
  }

  function toWindowRows({ id, window, closedBefore, from, until, ...part }: ClosingPart): WindowRows {
    const { baselineKey, settings, columns, head } = places.get(id)!
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
    return passed.map(([id]) => ({ id, window: from, closedBefore: from, ...nothing }))
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

function tryObserve(
  explanation: MonitoredExplanation,
): { readonly observations: readonly Observation[] } | { readonly code: string } {
  try {
    return { observations: observe(explanation) }
  } catch (error) {
    if (error instanceof MonitoringError) return { code: error.code }
    throw error
  }
}

/** How rows of some columns are written: in the order of their names, so that it is the same on every partition. */
interface Layout {
  readonly settings: string
  readonly columns: readonly string[]
  readonly model: Omit<Place['head'], 'kind'>
  /** Per column its place among those that were observed. */
  readonly from: readonly number[]
}

function inOrder(row: readonly number[], { from }: Layout): Float64Array {
  const n = from.length
  return Float64Array.from(row, (_, at) => row[at - (at % n) + from[at % n]!]!)
}

/** Explanations of a baseline mostly name their features in one order. */
const mostLayouts = 1000

function rememberLayouts(
  settings: CountSettings,
  partitions: number,
): (observed: readonly string[], explanation: MonitoredExplanation) => Layout {
  const known = new Map<string, Layout>()
  return (observed, { adverse, model: { name, version } }) => {
    const model = { modelName: name, modelVersion: version, adverse }
    const key = JSON.stringify([observed, model])
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size === mostLayouts) known.clear()
    const columns = [...observed].sort()
    const from = columns.map((name) => observed.indexOf(name))
    const layout = { settings: hashOfSettings(settings, partitions, [columns, model]), columns, model, from }
    known.set(key, layout)
    return layout
  }
}

/** Rows of one baseline in one window. */
interface Part {
  /** Of its place. */
  readonly id: string
  readonly window: number
  readonly rows: Buffer
  readonly members: readonly number[]
  readonly decisionIds: readonly string[]
  readonly from: number
  readonly until: number
}

interface ClosingPart extends Part {
  readonly closedBefore: number
}

const nothing = { rows: Buffer.alloc(0), members: [], decisionIds: [], from: Infinity, until: -Infinity }

/** Of rows in one record, so that its size keeps far below the 1 MB that topics take. */
const mostBytes = 400_000

interface OpenPart {
  readonly id: string
  readonly window: number
  readonly rows: Float64Array[]
  readonly members: number[]
  readonly decisionIds: string[]
  bytes: number
  from: number
  until: number
  goesOn: boolean
}

/** Ids of decisions are examples for people; longer ones are cut. */
const mostId = 200

interface Counted {
  readonly id: string
  readonly window: number
  readonly row: Float64Array
  readonly decidedAt: number
  readonly members: number
  readonly explanation: Pick<MonitoredExplanation, 'decisionId'>
}

function openBatch(): {
  add(counted: Counted): void
  /** In the order of their first rows; `goesOn`: another one of the same place and window follows. */
  parts(): (Part & { readonly goesOn: boolean })[]
} {
  const all: OpenPart[] = []
  const newest = new Map<string, OpenPart>()
  return {
    add({ id, window, row, decidedAt, members, explanation }) {
      let part = newest.get(id)
      if (part === undefined || part.window !== window || part.bytes > mostBytes) {
        if (part !== undefined) part.goesOn = part.window === window
        part = { ...nothing, id, window, rows: [], members: [], decisionIds: [], bytes: 0, goesOn: false }
        newest.set(id, part)
        all.push(part)
      }
      const decisionId = explanation.decisionId.slice(0, mostId)
      part.rows.push(row)
      part.members.push(members)
      part.decisionIds.push(decisionId)
      part.bytes += row.byteLength + Buffer.byteLength(decisionId) + 8
      part.from = Math.min(part.from, decidedAt)
      part.until = Math.max(part.until, decidedAt)
    },
    parts: () => all.map((part) => ({ ...part, rows: Buffer.concat(part.rows.map(bytesOf)) })),
  }
}

function bytesOf(row: Float64Array): Uint8Array {
  return new Uint8Array(row.buffer, row.byteOffset, row.byteLength)
}
