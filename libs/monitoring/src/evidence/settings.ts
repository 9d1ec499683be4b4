import type { Severity } from '@raison/events'

/** When the evidence becomes an alarm, and what is said of it. */
export interface EvidenceSettings {
  /** A: windows between two false alarms of a model, on average, at the least; all its slices and its quality share it. */
  readonly runLength: number
  /** Explanations that a baseline is learned from, where none is given. */
  readonly reference: number
  /** A partition that is silent for so long holds no window open. */
  readonly idleAfterMinutes: number
  /** Windows after an acknowledgement in which the same is not raised again. */
  readonly cooldown: number
  /** The mean of the leading statistic has moved by so much, of 1: the severity from there on. */
  readonly severity: Readonly<Record<Exclude<Severity, 'info'>, number>>
  /** `linkPlaces` in braces are filled in; empty: no link. */
  readonly link: string
  readonly softwareVersion: string
}
