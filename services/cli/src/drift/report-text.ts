import { styleText } from 'node:util'
import { amountOf, count, threeDigits } from '../amount-of.ts'
import { printable } from '../printable.ts'
import type { DriftReport } from './drift.ts'
import { episodesOf, featureOf, statisticNames, whenOf, type Episode } from './name-alarm.ts'
import { tellSlices } from './slices.ts'
import type { KeyResult } from './watch-file.ts'
import type { Watched } from './watch.ts'
import { whatWasNotWatched, whatWasRead } from './what-was-read.ts'
import { whyUntested } from './why-untested.ts'

/** For a person; colours on a terminal only. */
export function toText(report: DriftReport, colours: boolean): string {
  const { keys, runLength } = report
  return [
    ...whatWasRead(report),
    ...keys.map((result) => describeKey(result, report, colours)),
    ...whatWasNotWatched(report).map(printable),
    `A false alarm comes once in ${count(runLength)} windows at the most, on average, while nothing drifts.`,
    '',
  ].join('\n')
}

function describeKey(result: KeyResult, { window, runLength }: DriftReport, colours: boolean): string {
  const { baseline, windows, left } = result
  const bold = (text: string): string => (colours ? styleText(['bold', 'red'], text, { validateStream: false }) : text)
  const head = `${printable(baseline.model)}: ${amountOf(windows, 'window')} beside ${amountOf(baseline.baseline.reference.explanations, 'explanation')} of the baseline${left > 0 ? `; ${amountOf(left, 'explanation')} after the last whole window` : ''}`
  const slices = tellSlices(baseline).map(printable)
  const reasons = tellAlarms('alarm', result, runLength, bold)
  const told = reasons.length > 0 ? reasons : [whyUntested(result, window) ?? 'no alarm']
  return ['', head, ...slices, ...told, ...tellQuality(result, runLength, bold), ''].join('\n')
}

function tellQuality({ quality }: KeyResult, runLength: number, bold: (text: string) => string): string[] {
  if (quality === undefined || quality.windows === 0) return []
  if (quality.alarms.length === 0) return [`quality: no alarm in ${amountOf(quality.windows, 'window')}`]
  return tellAlarms('quality: alarm', quality, runLength, bold)
}

function tellAlarms(what: string, watched: Watched, runLength: number, bold: (text: string) => string): string[] {
  return episodesOf(watched).flatMap(({ first, ...rest }) => [
    bold(
      `${what} in ${whenOf(first)}; evidence ${threeDigits(first.evidence)} of ${count(runLength)}${again(first.window, rest)}`,
    ),
    ...first.named.map(
      ({ statistic, direction, before, now, ...of }) =>
        `  ${printable(featureOf(of)).padEnd(widest(watched))}  ${statisticNames[statistic]} ${direction}: ${before.toFixed(3)} → ${now.toFixed(3)}`,
    ),
  ])
}

function again(first: number, { last, alarms }: Pick<Episode, 'last' | 'alarms'>): string {
  if (alarms === 1) return ''
  return alarms === last - first + 1
    ? `; again in every window until ${last}`
    : `; again until window ${last}, ${amountOf(alarms, 'alarm')} in all`
}

function widest({ alarms }: Watched): number {
  return Math.max(...alarms.flatMap(({ features }) => features.map((of) => printable(featureOf(of)).length)))
}
