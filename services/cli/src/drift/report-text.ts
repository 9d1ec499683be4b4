import { styleText } from 'node:util'
import { amountOf, count, threeDigits } from '../amount-of.ts'
import { printable } from '../printable.ts'
import type { DriftReport } from './drift.ts'
import { episodesOf, featureOf, statisticNames, whenOf, type Episode } from './name-alarm.ts'
import { tellSlices } from './slices.ts'
import type { KeyResult } from './watch-file.ts'
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
  const told = episodesOf(result).flatMap(({ first, ...rest }) => [
    bold(
      `alarm in ${whenOf(first)}; evidence ${threeDigits(first.evidence)} of ${count(runLength)}${again(first.window, rest)}`,
    ),
    ...first.named.map(
      ({ statistic, direction, before, now, ...of }) =>
        `  ${printable(featureOf(of)).padEnd(widest(result))}  ${statisticNames[statistic]} ${direction}: ${before.toFixed(3)} → ${now.toFixed(3)}`,
    ),
  ])
  const slices = tellSlices(baseline).map(printable)
  return ['', head, ...slices, ...(told.length > 0 ? told : [whyUntested(result, window) ?? 'no alarm']), ''].join('\n')
}

function again(first: number, { last, alarms }: Pick<Episode, 'last' | 'alarms'>): string {
  if (alarms === 1) return ''
  return alarms === last - first + 1
    ? `; again in every window until ${last}`
    : `; again until window ${last}, ${amountOf(alarms, 'alarm')} in all`
}

function widest({ alarms }: KeyResult): number {
  return Math.max(...alarms.flatMap(({ features }) => features.map((of) => printable(featureOf(of)).length)))
}
