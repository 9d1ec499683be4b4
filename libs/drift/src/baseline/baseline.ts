import { binCount, type Scale } from '../statistics/scale.ts'
import type { Window } from '../window/window.ts'

/** What the explanations looked like when all was well, and how far a statistic's mean may lie from there. */
export interface Baseline {
  readonly scale: Scale
  /** What the reference counted. */
  readonly reference: Window
  /**
   * Two per statistic of the scale, upward then downward: the highest mean of `risenBy` that is no drift. With probability
   * 1 − β over the draw of the reference all of them hold.
   */
  readonly bounds: Float64Array
  /**
   * Of every statistic with bins. 1: the reference never moved (its 0.1–99.9 % range is a point), so this statistic can only
   * leave its constant.
   */
  readonly constant: Uint8Array
  /** Fewer reference explanations than `enoughExplanations`: valid, but wide bounds see only large drift. */
  readonly warmingUp: boolean
}

export const enoughExplanations = 20_000

export const sides = ['up', 'down'] as const
export type Direction = (typeof sides)[number]

/** Half a bin of a constant's histogram: the constant is the middle of a bin, so that rounding never moves it out. */
const halfBin = 1 / binCount

/** Where a statistic is counted whose reference is the point `value`: one unit to either side. */
export function rangeAround(value: number): readonly [low: number, high: number] {
  return [value - 1 - halfBin, value + 1 - halfBin]
}

/**
 * How far a value in the histogram has risen (fallen, for `down`), in [0, 1]: what a side bets on. Ordinarily the scaled value
 * x, or 1 − x; for a constant its distance on that side.
 */
export function risenBy(x: number, side: Direction, constant: boolean): number {
  if (!constant) return side === 'up' ? x : 1 - x
  const distance = 2 * x - 1 - halfBin
  return Math.min(Math.max(side === 'up' ? distance : -distance, 0), 1)
}
