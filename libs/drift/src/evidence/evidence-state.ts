import { logOnePlusExp } from './log-sum.ts'

/** What a detector knows between two windows, as plain data. Every array holds one number per slice, statistic, feature and bet. */
export interface EvidenceState {
  /** Windows taken since the detector began. */
  readonly windows: number
  /** log(1 + R), R the Shiryaev–Roberts statistic of a bet: 0 at a restart. */
  readonly growth: readonly number[]
  /** The most that a run of windows ending now has gained, in logs, and the window in which that run began. */
  readonly peak: readonly number[]
  readonly since: readonly number[]
}

export function restart(windows: number, betCount: number): EvidenceState {
  const none = new Array<number>(betCount).fill(0)
  return { windows, growth: none, peak: none, since: new Array<number>(betCount).fill(windows) }
}

/** R ← (1 + R)·e^S for the gains S of one window; R stays where the gain is undefined. */
export function grow(state: EvidenceState, gains: readonly (number | undefined)[]): EvidenceState {
  const growth = state.growth.map((before, k) => (gains[k] === undefined ? before : logOnePlusExp(before + gains[k])))
  const peak = state.peak.map((before, k) => Math.max(before, 0) + (gains[k] ?? 0))
  const since = state.since.map((before, k) => (state.peak[k]! > 0 ? before : state.windows))
  return { windows: state.windows + 1, growth, peak, since }
}

/** log R of a bet. */
export function logRatioOf(growth: number): number {
  return growth + Math.log(-Math.expm1(-growth))
}
