import type { Direction } from './baseline/baseline.ts'
import type { StatisticName } from './statistics/statistics.ts'
import type { Window } from './window/window.ts'

/**
 * Watches a sequence of closed windows. The state is plain JSON-able data, exactly: it can be kept between windows anywhere.
 * What it says depends on the merged windows alone, not on how they were counted.
 */
export interface DriftDetector<State> {
  readonly name: string
  start(): State
  /** `windows`: one per slice, the same moment of each. */
  step(state: State, windows: readonly Window[]): Step<State>
}

export interface Step<State> {
  readonly state: State
  readonly alarm: Alarm | undefined
}

export interface Alarm {
  /** Number of the window that raised it, from 0. */
  readonly window: number
  /** Window in which the change of the feature most responsible probably began. */
  readonly since: number
  /** How sure, in the detector's own unit. */
  readonly evidence: number
  /** Most responsible first. */
  readonly features: readonly Responsible[]
}

export interface Responsible {
  readonly feature: string
  /** The name of the slice; empty: all. */
  readonly slice: string
  readonly statistic: StatisticName
  readonly direction: Direction
  readonly evidence: number
  readonly since: number
}
