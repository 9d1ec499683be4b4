import {
  createEDetector,
  merge,
  openWindow,
  rowWidth,
  update,
  type Alarm,
  type EDetector,
  type EDetectorOptions,
  type EvidenceState,
  type Slice,
  type Window,
} from '@raison/drift'
import { countsOf, nameAlarm, placeOfSlice, type Named } from './name-alarm.ts'

/** Of the window that raised it only what is told: there may be thousands of alarms, and a window takes hundreds of kilobytes. */
export interface RaisedAlarm extends Alarm {
  /** Its features, most responsible first. */
  readonly named: readonly Named[]
  /** The counts of what the first of them names. */
  readonly counts: Uint32Array
  readonly lines: AlarmLines
}

/** Numbers of lines in the file, from 1. */
export interface AlarmLines {
  /** The first of the window in which the change probably began. */
  readonly since: number
  /** Of the window that raised the alarm. */
  readonly first: number
  readonly last: number
}

/** What came of a watch. */
export interface Watched {
  /** All explanations, then the slices. */
  readonly slices: readonly Slice[]
  readonly windows: number
  /** After the last whole window: counted, and not looked at. */
  readonly left: number
  readonly alarms: readonly RaisedAlarm[]
  /** log E at the end of every window, before a restart. */
  readonly logEvidence: readonly number[]
  /** All whole windows together. */
  readonly whole: Window
}

/** Reasons, or quality, window by window. */
export interface Watch {
  readonly slices: readonly Slice[]
  readonly detector: EDetector
  readonly row: Float64Array
  state: EvidenceState
  /** One of each slice, of the same moment. */
  open: readonly Window[]
  /** Of each the last one that is closed and not empty. */
  latest: readonly Window[]
  /** Of all explanations. */
  whole: Window
  /** Of every window the line of its first explanation. */
  readonly firstLines: number[]
  readonly alarms: RaisedAlarm[]
  readonly logEvidence: number[]
}

export function openWatch(slices: readonly Slice[], options: EDetectorOptions): Watch {
  const [{ baseline }] = slices as [Slice]
  const detector = createEDetector(slices, options)
  return {
    slices,
    detector,
    row: new Float64Array(rowWidth(baseline.scale.features.length, baseline.scale.adverse)),
    state: detector.start(),
    open: openWindows(slices),
    latest: openWindows(slices),
    whole: openWindow(baseline.scale),
    firstLines: [],
    alarms: [],
    logEvidence: [],
  }
}

function openWindows(slices: readonly Slice[]): Window[] {
  return slices.map(({ baseline }) => openWindow(baseline.scale))
}

/** Counts the explanation at a line, whose numbers `watch.row` holds; `members` says of each slice but the first whether it is in it. */
export function countRow(watch: Watch, members: readonly boolean[], line: number, size: number): void {
  const [all, ...ofSlices] = watch.open as [Window, ...Window[]]
  update(all, watch.row)
  ofSlices.forEach((window, s) => members[s] && update(window, watch.row))
  if (all.explanations === 1) watch.firstLines.push(line)
  if (all.explanations === size) close(watch, line)
}

function close(watch: Watch, last: number): void {
  const { slices, detector, open: counted } = watch
  const { state, alarm, logEvidence } = detector.step(watch.state, counted)
  watch.state = state
  watch.logEvidence.push(logEvidence)
  watch.whole = merge(watch.whole, counted[0]!)
  watch.latest = counted.map((window, s) => (window.explanations > 0 ? window : watch.latest[s]!))
  watch.open = openWindows(slices)
  if (alarm === undefined) return
  const named = nameAlarm(alarm, slices, watch.latest)
  const lines = { since: watch.firstLines[alarm.since]!, first: watch.firstLines[alarm.window]!, last }
  const counts = countsOf(watch.latest[placeOfSlice(slices, named[0]!)]!, named[0]!).slice()
  watch.alarms.push({ ...alarm, named, counts, lines })
}

export function toWatched({ slices, state, open, whole, alarms, logEvidence }: Watch): Watched {
  return { slices, windows: state.windows, left: open[0]!.explanations, alarms, logEvidence, whole }
}
