import { median } from '../spread.ts'
import type { DriftSource, Scenario } from './source.ts'

/** Per detector the windows of one stream in which it raised an alarm. */
export type Watched = Readonly<Record<string, readonly number[]>>

export interface DriftResult {
  readonly source: string
  readonly features: number
  readonly windows: DriftSource['windows']
  readonly quietWindows: number
  readonly seeds: number
  readonly scenarios: readonly Scenario[]
  readonly detectors: readonly DetectorScore[]
}

export interface DetectorScore {
  readonly name: string
  readonly falseAlarms: number
  /** In the order of the scenarios. */
  readonly delays: readonly Delay[]
}

export interface Delay {
  /** Windows from the change until its alarm, the first one counted as 1; the median of all seeds, Infinity where most found nothing. */
  readonly median: number
  /** Of the streams in which it was found. */
  readonly longest: number
  readonly found: number
  readonly of: number
}

interface WatchedScenario extends Scenario {
  readonly watched: readonly Watched[]
}

export function scoreOf(
  { name, features, windows }: DriftSource,
  quiet: readonly Watched[],
  scenarios: readonly WatchedScenario[],
): DriftResult {
  return {
    source: name,
    features: features.length,
    windows,
    quietWindows: quiet.length * windows.quiet,
    seeds: scenarios[0]!.watched.length,
    scenarios,
    detectors: Object.keys(quiet[0]!).map((detector) => ({
      name: detector,
      falseAlarms: quiet.reduce((sum, watched) => sum + watched[detector]!.length, 0),
      delays: scenarios.map(({ watched }) => delayOf(watched, detector, windows.before)),
    })),
  }
}

function delayOf(streams: readonly Watched[], detector: string, before: number): Delay {
  const delays = streams.map((alarms) => {
    const first = alarms[detector]!.find((window) => window >= before)
    return first === undefined ? Infinity : first - before + 1
  })
  const found = delays.filter(Number.isFinite)
  return { median: median(delays), longest: Math.max(...found), found: found.length, of: delays.length }
}
