import {
  createEDetector,
  describeWindow,
  fitBaseline,
  isOutdated,
  openWindow,
  readBaseline,
  update,
  writeBaseline,
  type Baseline,
  type BaselineRecord,
  type EDetector,
  type EvidenceState,
  type Window,
  type WindowDescription,
} from '@raison/drift'
import type { DriftSignal } from '@raison/events'
import { fitQuality } from '../quality.ts'
import { padded, readJson, writeJson, type Table } from '../windows/table.ts'
import { afterDetection, type AlarmState } from './alarm.ts'
import type { EvidenceSettings } from './settings.ts'
import { signalOf, type Watched, type WindowTimes } from './signal.ts'
import { joinValues, type WholeWindow } from './window-part.ts'

/** One slice of one baseline: it is learned, then watched window by window. */
export interface Watch {
  /** What the reference looks like, once that is known. */
  baseline(): Baseline | undefined
  /** Number `number` of the windows of this baseline. */
  close(number: number, window: WholeWindow, partial: boolean): WatchResult
  alarm(): AlarmState
  setAlarm(alarm: AlarmState): void
  /** Forgets the baseline: what comes now becomes the next one. */
  relearn(): void
  /** Into the table, what has changed since the last call. */
  keep(): void
}

export interface WatchResult {
  readonly signal: DriftSignal | undefined
  readonly logEvidence: number | undefined
  /** Worked out when it is asked for: most windows are over before anybody reads the metrics. */
  readonly describe: () => WindowDescription | undefined
}

type WatchState =
  | { readonly status: 'learning'; readonly rows: number; readonly alarm: AlarmState }
  | {
      readonly status: 'watching'
      /** The number of the window that was watched first. */
      readonly first: number
      readonly evidence: EvidenceState
      /** Of the windows since which something may be moving; an earlier version has kept none. */
      readonly begins?: WindowTimes
      readonly alarm: AlarmState
    }

export function openWatch(
  table: Table,
  /** Its own in the table. */
  id: string,
  watched: Watched,
  settings: EvidenceSettings,
  given: BaselineRecord | undefined,
): Watch {
  const [stateKey, baselineKey, learnedPrefix] = [`watch/${id}`, `baseline/${id}`, `learned/${id}/`]
  const detectorOptions = { runLength: settings.runLength * watched.together }
  const before = readJson<WatchState>(table, stateKey)
  let state: WatchState = before ?? { status: 'learning', rows: 0, alarm: {} }
  let baseline: Baseline | undefined
  let detector: EDetector | undefined
  let isChanged = false
  const kept = readJson<BaselineRecord>(table, baselineKey)
  // An earlier version has watched less: with what it knew one cannot go on. Nothing is written before rows come.
  if (kept !== undefined && isOutdated(kept)) {
    if (state.status === 'watching') state = { status: 'learning', rows: 0, alarm: state.alarm }
  } else if (kept !== undefined) baseline = readBaseline(kept)
  else if (given !== undefined && before === undefined) watch(readBaseline(given), 0)

  /** Its tables take megabytes, and most baselines that are kept are of models that decide no more. */
  function detectorOf(known: Baseline): EDetector {
    return (detector ??= createEDetector([{ name: watched.slice, baseline: known }], detectorOptions))
  }

  function become(next: WatchState): void {
    state = next
    isChanged = true
  }

  function watch(known: Baseline, first: number): void {
    baseline = known
    writeJson(table, baselineKey, writeBaseline(known))
    become({ status: 'watching', first, evidence: detectorOf(known).start(), alarm: state.alarm })
  }

  function learn(number: number, { values, members }: WholeWindow): WatchResult {
    const rows = (state as { rows: number }).rows + members.length
    for (let first = 0; first < values.length; first += pieceValues) {
      const piece = values.slice(first, first + pieceValues)
      table.set(`${learnedPrefix}${padded(number)}/${padded(first)}`, Buffer.from(piece.buffer))
    }
    become({ status: 'learning', rows, alarm: state.alarm })
    if (rows >= Math.max(settings.reference, 2)) {
      const pieces = learnedPieces()
      watch(fit(watched, joinValues(pieces.map((key) => doublesOf(table.get(key)!)))), number + 1)
      for (const key of pieces) table.delete(key)
    }
    return silent
  }

  function learnedPieces(): string[] {
    return table.keys().filter((key) => key.startsWith(learnedPrefix))
  }

  return {
    baseline: () => baseline,
    close(number, window, partial) {
      if (state.status === 'learning') return learn(number, window)
      const counted = countRows(baseline!, window)
      const step = detectorOf(baseline!).step(state.evidence, [counted])
      const begins = { ...state.begins, [state.evidence.windows]: window.from }
      become({ ...state, evidence: step.state, begins: beginsOf(step.state, begins) })
      let signal: DriftSignal | undefined
      if (step.alarm !== undefined) {
        const openId = state.alarm.open?.signal.alarmId
        const moment = { number, first: state.first, begins, partial, window, counted }
        const change = afterDetection(state.alarm, signalOf(watched, baseline!, step.alarm, moment, openId, settings))
        become({ ...state, alarm: change.alarm })
        signal = change.signal
      }
      const { logEvidence } = step
      return { signal, logEvidence, describe: once(baseline!, counted) }
    },
    alarm: () => state.alarm,
    setAlarm(alarm) {
      become({ ...state, alarm })
    },
    relearn() {
      table.delete(baselineKey)
      // Of a baseline of an earlier version some may have been learned again already.
      for (const key of learnedPieces()) table.delete(key)
      baseline = undefined
      detector = undefined
      become({ status: 'learning', rows: 0, alarm: {} })
    },
    keep() {
      if (isChanged) writeJson(table, stateKey, state)
      isChanged = false
    },
  }
}

/** Of learned rows in one record: half a megabyte. */
const pieceValues = 62_500

const silent: WatchResult = { signal: undefined, logEvidence: undefined, describe: () => undefined }

function fit({ kind, columns, adverse, together }: Watched, values: Float64Array): Baseline {
  return kind === 'quality'
    ? fitQuality(columns, values, { slices: together })
    : fitBaseline({ features: columns, adverse, rows: values, slices: together })
}

function countRows({ scale }: Baseline, { values, members }: WholeWindow): Window {
  const window = openWindow(scale)
  for (let row = 0; row < members.length; row++) update(window, values, row)
  return window
}

/** What a later alarm can name: runs begin in few different windows, as most bets lose and begin anew. */
function beginsOf({ since }: EvidenceState, begins: WindowTimes): WindowTimes {
  const named = new Set(since)
  return Object.fromEntries(Object.entries(begins).filter(([window]) => named.has(Number(window))))
}

/** Holds both until then, and its answer from then on: together they take hundreds of kilobytes. */
function once(baseline: Baseline, window: Window): () => WindowDescription | undefined {
  if (baseline.scale.adverse === undefined) return silent.describe
  let description: WindowDescription | undefined
  let undescribed: { readonly baseline: Baseline; readonly window: Window } | undefined = { baseline, window }
  return () => {
    if (undescribed !== undefined) description = describeWindow(undescribed.baseline, undescribed.window)
    undescribed = undefined
    return description
  }
}

function doublesOf(bytes: Buffer): Float64Array {
  const values = new Float64Array(bytes.length / 8)
  new Uint8Array(values.buffer).set(bytes)
  return values
}
