import {
  openWindow,
  update,
  type Baseline,
  type EDetector,
  type EvidenceState,
  type Window,
  type WindowDescription,
} from '@raison/drift'
import type { DriftSignal } from '@raison/events'
import { afterDetection } from './alarm.ts'
import { describeOnce } from './describe-once.ts'
import type { EvidenceSettings } from './settings.ts'
import { signalOf, type Moment, type Watched, type WindowTimes } from './signal.ts'
import type { WatchingState } from './watch-state.ts'
import type { WholeWindow } from './window-part.ts'

/** What a closed window has said. */
export interface WatchResult {
  readonly signal: DriftSignal | undefined
  readonly logEvidence: number | undefined
  /** Worked out when it is asked for: most windows are over before anybody reads the metrics. */
  readonly describe: () => WindowDescription | undefined
}

export interface Watching {
  readonly watched: Watched
  readonly settings: EvidenceSettings
  readonly baseline: Baseline
  readonly detector: EDetector
}

/** The evidence with one window more, and what is told of it. */
export function stepWatching(
  { watched, settings, baseline, detector }: Watching,
  before: WatchingState,
  closed: Pick<Moment, 'number' | 'window' | 'partial'>,
): WatchResult & { readonly state: WatchingState } {
  const counted = countRows(baseline, closed.window)
  const { state: evidence, alarm, logEvidence } = detector.step(before.evidence, [counted])
  const begins = { ...before.begins, [before.evidence.windows]: closed.window.from }
  const state = { ...before, evidence, begins: beginsOf(evidence, begins) }
  const result = { state, signal: undefined, logEvidence, describe: describeOnce(baseline, counted) }
  if (alarm === undefined) return result
  const moment = { ...closed, first: before.first, begins, counted }
  const openId = before.alarm.open?.signal.alarmId
  const change = afterDetection(before.alarm, signalOf(watched, baseline, alarm, moment, openId, settings))
  return { ...result, state: { ...state, alarm: change.alarm }, signal: change.signal }
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
