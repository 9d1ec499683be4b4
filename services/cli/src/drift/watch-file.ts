import {
  createEDetector,
  describeWindow,
  merge,
  openWindow,
  rowWidth,
  update,
  type Alarm,
  type EDetector,
  type EvidenceState,
  type Slice,
  type Window,
  type WindowDescription,
} from '@raison/drift'
import { isIn, rowInto } from '@raison/monitoring'
import { CliError } from '../report-error.ts'
import type { KeyedBaseline } from './baselines.ts'
import { tellDifferences } from './differences.ts'
import { countsOf, nameAlarm, placeOfSlice, type Named } from './name-alarm.ts'
import {
  atLine,
  modelOf,
  nothingSkipped,
  readExplanations,
  type KeyedExplanation,
  type Skipped,
} from './read-explanations.ts'

export interface WatchOptions {
  /** Explanations in a window. */
  readonly window: number
  /** Windows between two false alarms, on average, at the least. */
  readonly runLength: number
  readonly byKey: boolean
}

/** What came of the explanations of one baseline. */
export interface KeyResult {
  readonly baseline: KeyedBaseline
  readonly windows: number
  /** After the last whole window: counted, and not looked at. */
  readonly left: number
  readonly alarms: readonly RaisedAlarm[]
  /** log E at the end of every window, before a restart. */
  readonly logEvidence: readonly number[]
  /** All whole windows together, and how they differ from the reference; undefined without one. */
  readonly whole: Window
  readonly description: WindowDescription | undefined
}

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

export interface WatchResult {
  readonly explanations: number
  readonly skipped: Skipped
  readonly keys: readonly KeyResult[]
  /** By key. */
  readonly withoutBaseline: ReadonlyMap<string, Unwatched>
}

/** Explanations whose key has no baseline. */
export interface Unwatched {
  readonly model: string
  readonly explanations: number
}

/** Watches the explanations of a file in its order. Throws as `readExplanations`, and SEVERAL_BASELINES. */
export async function watchFile(
  file: string,
  baselines: ReadonlyMap<string, KeyedBaseline>,
  options: WatchOptions,
  tell: (explanations: number) => void,
): Promise<WatchResult> {
  const watches = new Map(Array.from(baselines, ([key, baseline]) => [key, openWatch(baseline, options)]))
  const skipped = nothingSkipped()
  const withoutBaseline = new Map<string, Unwatched>()
  let explanations = 0
  for await (const group of readExplanations(file, skipped)) {
    for (const keyed of group) {
      const watch = watches.get(keyed.key)
      if (watch !== undefined) atLine(file, { number: keyed.line }, () => count(watch, keyed, options.window))
      else if (options.byKey) withoutBaseline.set(keyed.key, oneMore(withoutBaseline.get(keyed.key), keyed))
      else throw otherKey(file, keyed, [...baselines.values()])
    }
    explanations += group.length
    tell(explanations)
  }
  return { explanations, skipped, withoutBaseline, keys: Array.from(watches.values(), toResult) }
}

function oneMore(before: Unwatched | undefined, { explanation }: KeyedExplanation): Unwatched {
  return { model: modelOf(explanation), explanations: (before?.explanations ?? 0) + 1 }
}

interface Watch {
  readonly baseline: KeyedBaseline
  /** All explanations, then the slices. */
  readonly watched: readonly Slice[]
  readonly detector: EDetector
  readonly row: Float64Array
  state: EvidenceState
  /** One of each that is watched, of the same moment. */
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

function openWatch(baseline: KeyedBaseline, { runLength }: WatchOptions): Watch {
  const { scale } = baseline.baseline
  const watched = [{ name: '', baseline: baseline.baseline }, ...baseline.slices]
  const detector = createEDetector(watched, { runLength })
  return {
    baseline,
    watched,
    detector,
    row: new Float64Array(rowWidth(scale.features.length, scale.adverse)),
    state: detector.start(),
    open: openWindows(watched),
    latest: openWindows(watched),
    whole: openWindow(scale),
    firstLines: [],
    alarms: [],
    logEvidence: [],
  }
}

function openWindows(watched: readonly Slice[]): Window[] {
  return watched.map(({ baseline }) => openWindow(baseline.scale))
}

function count(watch: Watch, { explanation, line }: KeyedExplanation, size: number): void {
  const { baseline, slices } = watch.baseline
  const [all, ...ofSlices] = watch.open as [Window, ...Window[]]
  rowInto(explanation, baseline.scale.features, watch.row)
  update(all, watch.row)
  ofSlices.forEach((window, s) => isIn(slices[s]!, explanation) && update(window, watch.row))
  if (all.explanations === 1) watch.firstLines.push(line)
  if (all.explanations === size) close(watch, line)
}

function close(watch: Watch, last: number): void {
  const { watched, detector, open: counted } = watch
  const { state, alarm, logEvidence } = detector.step(watch.state, counted)
  watch.state = state
  watch.logEvidence.push(logEvidence)
  watch.whole = merge(watch.whole, counted[0]!)
  watch.latest = counted.map((window, s) => (window.explanations > 0 ? window : watch.latest[s]!))
  watch.open = openWindows(watched)
  if (alarm === undefined) return
  const named = nameAlarm(alarm, watched, watch.latest)
  const lines = { since: watch.firstLines[alarm.since]!, first: watch.firstLines[alarm.window]!, last }
  const counts = countsOf(watch.latest[placeOfSlice(watched, named[0]!)]!, named[0]!).slice()
  watch.alarms.push({ ...alarm, named, counts, lines })
}

function toResult({ baseline, state, open, whole, alarms, logEvidence }: Watch): KeyResult {
  return {
    baseline,
    windows: state.windows,
    left: open[0]!.explanations,
    alarms,
    logEvidence,
    whole,
    description: describeWindow(baseline.baseline, whole),
  }
}

function otherKey(file: string, { line, explanation }: KeyedExplanation, [known]: readonly KeyedBaseline[]): CliError {
  const { method, budget } = explanation
  const { model, example } = known!
  const why =
    example === undefined
      ? 'model, reference, method, budget, artefact and space must be the same'
      : `they differ in ${tellDifferences([example, explanation])}`
  return new CliError(
    'SEVERAL_BASELINES',
    `${file}, line ${line}: an explanation of ${modelOf(explanation)} (${method}, at most ${budget.rows} rows) does not belong to the baseline of ${model}: ${why}; --by-key watches each by itself`,
  )
}
