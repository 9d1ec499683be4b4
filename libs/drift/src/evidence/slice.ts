import type { Baseline } from '../baseline/baseline.ts'

/** A part of the decisions that is watched by itself: a segment, a channel, a protected group, or all. */
export interface Slice {
  /** Empty: all explanations. */
  readonly name: string
  /** Fitted with `slices` set to the number of slices watched together. */
  readonly baseline: Baseline
}
