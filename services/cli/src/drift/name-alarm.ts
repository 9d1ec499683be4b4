import { momentsOf, type Responsible, type StatisticName } from '@raison/drift'
import type { KeyResult, RaisedAlarm } from './watch-file.ts'

/** A feature of an alarm, with what its statistic was and is. */
export interface Named extends Responsible {
  /** Mean in the reference, and in the window that raised the alarm. */
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

export function nameAlarm({ baseline: { baseline } }: KeyResult, { features, counted }: RaisedAlarm): Named[] {
  return features.map((responsible) => {
    const at = baseline.scale.features.indexOf(responsible.feature)
    const meanIn = (window: typeof counted): number => momentsOf(window, responsible.statistic, at)!.mean
    return { ...responsible, before: meanIn(baseline.reference), now: meanIn(counted) }
  })
}

/** Alarms of windows in a row that say the same of the same feature. */
export interface Episode {
  readonly first: RaisedAlarm
  readonly last: number
}

export function episodesOf({ alarms }: KeyResult): Episode[] {
  const episodes: Episode[] = []
  for (const alarm of alarms) {
    const before = episodes.at(-1)
    const goesOn = before !== undefined && before.last + 1 === alarm.window && sameLead(before.first, alarm)
    if (goesOn) episodes.splice(-1, 1, { ...before, last: alarm.window })
    else episodes.push({ first: alarm, last: alarm.window })
  }
  return episodes
}

function sameLead({ features: [one] }: RaisedAlarm, { features: [other] }: RaisedAlarm): boolean {
  return one!.feature === other!.feature && one!.direction === other!.direction
}
