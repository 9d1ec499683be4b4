import type { WindowRows } from '@raison/events'
import type { Series } from './families.ts'
import { hashOfSettings, type CountSettings } from './settings.ts'
import { readJson, writeJson, type Table } from './table.ts'

/** Where a baseline stands on a partition: a record of the table. */
export interface Place {
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

/** All of a partition. */
export interface Places {
  /** The latest decidedAt, milliseconds since 1970. */
  watermark(): number
  /** A decision of this series: the window that it is of, undefined when that is closed. */
  enter(series: Series, decidedAt: number): number | undefined
  /** What has entered counts. */
  count(id: string): void
  /** A decision is done with. */
  pass(decidedAt: number): void
  get(id: string): Place
  /** Windows by time also close without rows: of every baseline whose watermark has passed the end of one. */
  close(): readonly { readonly id: string; readonly window: number }[]
  /** Into the table, but for those that are forgotten. */
  keep(): void
}

/** A baseline of which nothing has come for so long is forgotten: its model decides no more. */
const forgetAfterMs = 90 * 86_400_000

/** Those in the table that were counted with these settings; the others are deleted. */
export function openPlaces(table: Table, settings: CountSettings, partitions: number): Places {
  const { windows } = settings
  const prefix = `standing/${hashOfSettings(settings, partitions, [])}/`
  for (const key of table.keys()) if (key.startsWith('standing/') && !key.startsWith(prefix)) table.delete(key)
  const [watermarkKey, placePrefix] = [`${prefix}watermark`, `${prefix}place/`]
  const places = new Map<string, Place>()
  for (const key of table.keys())
    if (key.startsWith(placePrefix)) places.set(key.slice(placePrefix.length), readJson(table, key)!)
  const changed = new Set<string>()
  let watermark = readJson<number>(table, watermarkKey) ?? -Infinity
  const quota = 'explanations' in windows ? Math.ceil(windows.explanations / partitions) : Infinity

  function placeOf(series: Series): Place {
    const place = places.get(series.id) ?? newPlace(series)
    places.set(series.id, place)
    changed.add(series.id)
    return place
  }

  /** Windows by time: the first that is not closed. */
  function openFrom(): number {
    if ('explanations' in windows) return 0
    const { minutes, latenessMinutes } = windows
    return Math.max(0, Math.floor((watermark - latenessMinutes * 60_000) / (minutes * 60_000)))
  }

  return {
    watermark: () => watermark,
    get: (id) => places.get(id)!,
    enter(series, decidedAt) {
      const place = placeOf(series)
      place.latest = Math.max(place.latest, decidedAt)
      if ('explanations' in windows) return place.window
      const window = Math.floor(decidedAt / (windows.minutes * 60_000))
      return window < openFrom() ? undefined : window
    },
    count(id) {
      const place = places.get(id)!
      if (++place.counted < quota) return
      place.window++
      place.counted = 0
    },
    pass: (decidedAt) => void (watermark = Math.max(watermark, decidedAt)),
    close() {
      if ('explanations' in windows) return []
      const window = openFrom()
      const passed = [...places].filter(([, place]) => place.window < window)
      for (const [id, place] of passed) {
        place.window = window
        changed.add(id)
      }
      return passed.map(([id]) => ({ id, window }))
    },
    keep() {
      for (const [id, { latest }] of places) {
        if (watermark - latest < forgetAfterMs) continue
        places.delete(id)
        changed.delete(id)
        table.delete(placePrefix + id)
      }
      for (const id of changed) writeJson(table, placePrefix + id, places.get(id))
      changed.clear()
      if (watermark > -Infinity) writeJson(table, watermarkKey, watermark)
    },
  }
}

function newPlace({ baselineKey, settings, columns, kind, modelName, modelVersion, adverse }: Series): Place {
  const head = { kind, modelName, modelVersion, adverse }
  return { baselineKey, settings, columns, head, window: 0, counted: 0, latest: -Infinity }
}
