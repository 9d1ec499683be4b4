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

/** Where a baseline stands on this partition. */
interface Place {
  readonly baselineKey: string
  readonly settings: string
  readonly columns: readonly string[]
  readonly head: Pick<WindowRows, 'kind' | 'modelName' | 'modelVersion' | 'adverse'>
  /** Windows by number: the open one, and how many it has. By time: all below it have been closed. */
  window: number
  counted: number
}

interface Standing {
  /** The latest decidedAt, milliseconds since 1970. */
  watermark: number
  /** By baseline key and settings. */
  readonly places: Record<string, Place>
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
  const standingKey = `standing/${hashOfSettings(settings, partitions, [])}`
  const standing: Standing = readJson(table, standingKey) ?? { watermark: -Infinity, places: {} }
  // JSON has no infinity.
  standing.watermark ??= -Infinity
  const ids = openRecentIds(table, settings.mostRemembered)
  const rememberedMs = settings.duplicatesWithinHours * 3_600_000
  const quota = 'explanations' in windows ? Math.ceil(windows.explanations / partitions) : Infinity

  const layoutOf = rememberLayouts(settings, partitions)

  function placeOf(id: string, { settings, columns }: Layout, observation: Observation, model: ModelOf): Place {
    const { baselineKey, kind } = observation
    return (standing.places[id] ??= { baselineKey, settings, columns, head: { kind, ...model }, window: 0, counted: 0 })
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
    return Math.max(0, Math.floor((standing.watermark - latenessMinutes * 60_000) / (minutes * 60_000)))
  }

  function count(place: Place): void {
    if (++place.counted < quota) return
    place.window++
    place.counted = 0
  }

  return (records) => {
    const batch = openBatch()
    const refused = new Map<string, number>()
    let [counted, duplicates, late, latest] = [0, 0, 0, -Infinity]
    for (const { explanation, timestamp } of records) {
      const observed = tryObserve(explanation)
      if ('code' in observed) {
        refused.set(observed.code, (refused.get(observed.code) ?? 0) + 1)
        continue
      }
      const decidedAt = timeOf(explanation.decidedAt, timestamp)
      if (decidedAt < standing.watermark - rememberedMs) {
        late++
        continue
      }
      if (!ids.add(explanation.explanationId)) {
        duplicates++
        continue
      }
      latest = Math.max(latest, decidedAt)
      const members = membersOf(explanation, slices)
      let isLate = false
      for (const observation of observed.observations) {
        const layout = layoutOf(observation.columns)
        const id = `${observation.baselineKey}.${layout.settings}`
        const place = placeOf(id, layout, observation, modelOf(explanation))
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
      standing.watermark = Math.max(standing.watermark, decidedAt)
    }
    ids.keep(latest)
    ids.forgetBefore(standing.watermark - rememberedMs)
    const parts = [...batch.parts().map((part) => ({ ...part, closedBefore: closedAfter(part) })), ...closings()]
    writeJson(table, standingKey, standing)
    return { rows: parts.map(toWindowRows), counted, duplicates, late, refused }
  }

  /** Of windows by time only a closing says so: a later part of the batch may be of an earlier window. */
  function closedAfter({ id, window, goesOn }: Part & { readonly goesOn: boolean }): number {
    const place = standing.places[id]!
    if ('minutes' in windows) return place.window
    return goesOn ? window : Math.min(window + 1, place.window)
  }

  function toWindowRows({ id, window, closedBefore, from, until, ...part }: ClosingPart): WindowRows {
    const { baselineKey, settings, columns, head } = standing.places[id]!
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
    const passed = Object.entries(standing.places).filter(([, place]) => place.window < from)
    for (const [, place] of passed) place.window = from
    return passed.map(([id]) => ({ id, window: from, closedBefore: from, ...nothing }))
  }
}

/** A decision is not younger than the record about it: a clock that is wrong must not close what is open. */
function timeOf(decidedAt: string, timestamp: number): number {
  const time = Date.parse(decidedAt)
  return Number.isNaN(time) ? timestamp : Math.min(time, timestamp)
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

type ModelOf = Omit<Place['head'], 'kind'>

function modelOf({ model, adverse }: MonitoredExplanation): ModelOf {
  return { modelName: model.name, modelVersion: model.version, adverse }
}

/** How rows of some columns are written: in the order of their names, so that it is the same on every partition. */
interface Layout {
  readonly settings: string
  readonly columns: readonly string[]
  /** Per column its place in the row that was observed. */
  readonly from: readonly number[]
}

function inOrder(row: readonly number[], { from }: Layout): Float64Array {
  return Float64Array.from(from, (at) => row[at]!)
}

/** Explanations of a baseline mostly name their features in one order. */
const mostLayouts = 1000

function rememberLayouts(settings: CountSettings, partitions: number): (observed: readonly string[]) => Layout {
  const known = new Map<string, Layout>()
  return (observed) => {
    const key = JSON.stringify(observed)
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size === mostLayouts) known.clear()
    const columns = [...observed].sort()
    const from = columns.map((name) => observed.indexOf(name))
    const layout = { settings: hashOfSettings(settings, partitions, columns), columns, from }
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
      part.bytes += row.byteLength + decisionId.length + 8
      part.from = Math.min(part.from, decidedAt)
      part.until = Math.max(part.until, decidedAt)
    },
    parts: () => all.map((part) => ({ ...part, rows: Buffer.concat(part.rows.map(bytesOf)) })),
  }
}

function bytesOf(row: Float64Array): Uint8Array {
  return new Uint8Array(row.buffer, row.byteOffset, row.byteLength)
}
