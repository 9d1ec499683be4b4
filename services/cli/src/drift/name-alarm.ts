import {
  histogram,
  momentsOf,
  statisticsOf,
  type Alarm,
  type Responsible,
  type Slice,
  type StatisticName,
  type Window,
} from '@raison/drift'
import { count } from '../amount-of.ts'
import type { RaisedAlarm, Watched } from './watch.ts'

/** A feature of an alarm, with what its statistic was and is. */
export interface Named extends Responsible {
  /** Mean in the reference, and in the window that raised the alarm: of a slice without explanations there in its last one. */
  readonly before: number
  readonly now: number
}

export const statisticNames: Readonly<Record<StatisticName, string>> = {
  share: 'share of all contribution',
  'signed-share': 'signed share of all contribution',
  'top-four': 'among the four most adverse',
  'usual-value': 'at its usual value',
  'lowest-tenth': 'among its lowest values',
  'highest-tenth': 'among its highest values',
  value: 'value',
}

/** `windows`: one of each that is watched, not empty where it is responsible. */
export function nameAlarm({ features }: Alarm, watched: readonly Slice[], windows: readonly Window[]): Named[] {
  return features.map((responsible) => {
    const place = placeOfSlice(watched, responsible)
    const { scale, reference } = watched[place]!.baseline
    const at = scale.features.indexOf(responsible.feature)
    const meanIn = (window: Window): number => momentsOf(window, responsible.statistic, at)!.mean
    return { ...responsible, before: meanIn(reference), now: meanIn(windows[place]!) }
  })
}

/** Where what it is of stands among what is watched. */
export function placeOfSlice(watched: readonly Slice[], { slice }: Pick<Responsible, 'slice'>): number {
  return watched.findIndex(({ name }) => name === slice)
}

/** The feature, and in which slice. */
export function featureOf({ feature, slice }: Pick<Responsible, 'feature' | 'slice'>): string {
  return slice === '' ? feature : `${feature} in ${slice}`
}

type Statistic = Pick<Responsible, 'feature' | 'statistic'>

/** Where a statistic of a feature stands in a scale. */
export function placeOf({ adverse, features }: Window['scale'], { feature, statistic }: Statistic): number {
  return statisticsOf(adverse).indexOf(statistic) * features.length + features.indexOf(feature)
}

/** What a window counted of it. */
export function countsOf(window: Window, statistic: Statistic): Uint32Array {
  return histogram(window, placeOf(window.scale, statistic))
}

/** Where in the file it was raised, and began. */
export function whenOf({ window, since, lines }: RaisedAlarm): string {
  return `window ${window} (lines ${count(lines.first)} to ${count(lines.last)}), probably since window ${since} (line ${count(lines.since)})`
}

/** Alarms that say the same of the same feature, each of what came right after the one before it. */
export interface Episode {
  readonly first: RaisedAlarm
  /** The window that raised the last of them. */
  readonly last: number
  readonly alarms: number
}

export function episodesOf({ alarms }: Pick<Watched, 'alarms'>): Episode[] {
  const episodes: Episode[] = []
  for (const alarm of alarms) {
    const before = episodes.at(-1)
    // After an alarm the evidence begins anew: a drift that is slow to be seen needs some windows for the next one.
    const goesOn = before !== undefined && before.last + 1 === alarm.since && sameLead(before.first, alarm)
    if (goesOn) episodes.splice(-1, 1, { ...before, last: alarm.window, alarms: before.alarms + 1 })
    else episodes.push({ first: alarm, last: alarm.window, alarms: 1 })
  }
  return episodes
}

function sameLead({ features: [one] }: RaisedAlarm, { features: [other] }: RaisedAlarm): boolean {
  return featureOf(one!) === featureOf(other!) && one!.direction === other!.direction
}
