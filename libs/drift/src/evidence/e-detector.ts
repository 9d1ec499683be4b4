import { DriftError } from '../drift-error.ts'
import type { DriftDetector, Step } from '../drift-detector.ts'
import { sameScale, watchedCount } from '../statistics/scale.ts'
import type { Window } from '../window/window.ts'
import { betsEach, gainsOf, tabulateGains } from './bets.ts'
import { grow, restart, type EvidenceState } from './evidence-state.ts'
import { finiteExp, logSumExp } from './log-sum.ts'
import { nameResponsible, partsOf, type Part } from './responsible.ts'
import type { Slice } from './slice.ts'

export interface EDetectorOptions {
  /** A: windows between two false alarms, on average, at the least. */
  readonly runLength: number
  /** What another detector watches under the same promise: of the error budget every bet, here and there, has the same part. */
  readonly besides?: readonly Slice[]
}

export interface Evidence {
  /** log E; an alarm is raised from log A on. */
  readonly logEvidence: number
  /** What E is made of, by slice and feature. */
  readonly parts: readonly Part[]
}

export interface EDetector extends DriftDetector<EvidenceState> {
  /** With the evidence after the window, before a restart. */
  step(state: EvidenceState, windows: readonly Window[]): Step<EvidenceState> & Evidence
  evidence(state: EvidenceState): Evidence
}

/**
 * The e-detector of Shin, Ramdas & Rinaldo (2024) in its Shiryaev–Roberts form. On one window every bet gains S and
 * R ← (1 + R)·e^S; E is the mean of R over all bets on slices, statistics, features, sides and stakes (of those `besides` too, as if
 * their R were 0), which so share one error budget; E ≥ A raises an alarm, after which all begin again from R = 0.
 *
 * The promise: while every mean, given the past, keeps within the baseline's bounds, E[windows to an alarm] ≥ A from every
 * restart. Season and autocorrelation can break it; independent decisions do not.
 *
 * Throws DRIFT_OPTION_INVALID; `step` throws WINDOW_MISMATCH.
 */
export function createEDetector(slices: readonly Slice[], { runLength, besides = [] }: EDetectorOptions): EDetector {
  checkOptions(slices, runLength)
  const tables = slices.map(({ baseline }) => tabulateGains(baseline))
  const bets = betsOn(slices)
  const logWeight = -Math.log(bets + betsOn(besides))

  const evidence = (state: EvidenceState): Evidence => {
    const parts = partsOf(slices, state, logWeight)
    return { parts, logEvidence: logSumExp(parts.map((part) => part.logEvidence)) }
  }

  return {
    name: 'e-detector',
    start: () => restart(0, bets),
    evidence,
    step(before, windows) {
      checkWindows(slices, windows)
      const state = grow(before, gainsOfAll(windows, tables))
      const found = evidence(state)
      // Where nothing was counted nothing has changed, though the run length may have since.
      const isQuiet = windows.every(({ explanations }) => explanations === 0)
      if (isQuiet || found.logEvidence < Math.log(runLength)) return { ...found, state, alarm: undefined }

      const features = nameResponsible(found.parts, runLength)
      const alarm = {
        window: before.windows,
        since: features[0]!.since,
        evidence: finiteExp(found.logEvidence),
        features,
      }
      return { ...found, state: restart(state.windows, bets), alarm }
    },
  }
}

function betsOn(slices: readonly Slice[]): number {
  return slices.reduce((sum, { baseline }) => sum + watchedCount(baseline.scale) * betsEach, 0)
}

/** Nothing counted proves nothing either way: R then stays, where S = 0 would let it grow. */
function gainsOfAll(windows: readonly Window[], tables: readonly Float64Array[]): (number | undefined)[] {
  return windows.flatMap((window, s): (number | undefined)[] =>
    window.explanations > 0
      ? Array.from(gainsOf(window, tables[s]!))
      : new Array<undefined>(watchedCount(window.scale) * betsEach).fill(undefined),
  )
}

function checkOptions(slices: readonly Slice[], runLength: number): void {
  if (slices.length === 0) throw new DriftError('DRIFT_OPTION_INVALID', 'nothing to watch: name at least one slice')
  if (!(runLength >= 1 && runLength < Infinity))
    throw new DriftError(
      'DRIFT_OPTION_INVALID',
      `run length ${runLength}: ask for at least 1 window between false alarms`,
    )
}

function checkWindows(slices: readonly Slice[], windows: readonly Window[]): void {
  const fits =
    windows.length === slices.length && windows.every(({ scale }, s) => sameScale(scale, slices[s]!.baseline.scale))
  if (!fits)
    throw new DriftError(
      'WINDOW_MISMATCH',
      `${windows.length} windows for ${slices.length} slices: one of each baseline, in order`,
    )
}
