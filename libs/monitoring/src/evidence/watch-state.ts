import { isOutdated, readBaseline, type Baseline, type BaselineRecord, type EvidenceState } from '@raison/drift'
import { readJson, type Table } from '../windows/table.ts'
import type { AlarmState } from './alarm.ts'
import type { WindowTimes } from './signal.ts'

export type WatchState = LearningState | WatchingState

export interface LearningState {
  readonly status: 'learning'
  readonly rows: number
  readonly alarm: AlarmState
}

export interface WatchingState {
  readonly status: 'watching'
  /** The number of the window that was watched first. */
  readonly first: number
  readonly evidence: EvidenceState
  /** Of the windows since which something may be moving; an earlier version has kept none. */
  readonly begins?: WindowTimes
  readonly alarm: AlarmState
}

export const unseen: LearningState = { status: 'learning', rows: 0, alarm: {} }

export interface WatchKeys {
  readonly state: string
  readonly baseline: string
}

export function watchKeys(id: string): WatchKeys {
  return { state: `watch/${id}`, baseline: `baseline/${id}` }
}

export interface KeptWatch {
  readonly state: WatchState
  readonly baseline: Baseline | undefined
}

/** Undefined where the table knows nothing. An earlier version has watched less: with what it knew one cannot go on. */
export function readWatch(table: Table, keys: WatchKeys): KeptWatch | undefined {
  const state = readJson<WatchState>(table, keys.state)
  const kept = readJson<BaselineRecord>(table, keys.baseline)
  if (kept === undefined) return state && { state, baseline: undefined }
  if (!isOutdated(kept)) return { state: state ?? unseen, baseline: readBaseline(kept) }
  const learnt = state?.status === 'watching' ? { ...unseen, alarm: state.alarm } : (state ?? unseen)
  return { state: learnt, baseline: undefined }
}
