import type { StatisticName } from '@raison/drift'
import type { DriftSignal, FeatureDrift } from '@raison/events'
import { count, threeDigits } from '../../amount-of.ts'
import { printable } from '../../printable.ts'
import { statisticNames } from '../name-alarm.ts'

const mostFeatures = 5

/** For a person. */
export function describeAlarm(signal: DriftSignal): string {
  const { alarmId, state, severity, kind, slice, modelName, modelVersion, comparedVersion, changes, from, until } =
    signal
  const about = `${modelName} ${modelVersion}${slice === '' ? '' : `, ${slice}`}${kind === 'quality' ? ', quality' : ''}`
  const head =
    state === 'compared'
      ? `${alarmId}  ${about}: what changed since version ${comparedVersion}`
      : `${alarmId}  ${state}  ${severity}  ${about}  since window ${signal.sinceWindow}${signal.since && ` (${signal.since})`}, raised in ${signal.window} (${from} – ${until}), evidence ${threeDigits(signal.evidence)} of ${count(signal.averageRunLength)}`
  const said = [signal.by && `by ${signal.by} at ${signal.at}`, signal.note, signal.link].filter(Boolean)
  const examples =
    signal.decisionIds.length > 0
      ? [`${signal.decisionIds.length === 1 ? 'decision' : 'decisions'} ${signal.decisionIds.join(', ')}`]
      : []
  const lines = [head, ...changes.slice(0, mostFeatures).map(describeChange), ...examples, ...said]
  return lines.map((line) => printable(line)).join('\n    ')
}

function describeChange({ feature, statistic, direction, before, now }: FeatureDrift): string {
  return `${direction === 'up' ? '↑' : '↓'} ${feature}  ${nameOf(statistic)}  ${before.toFixed(3)} → ${now.toFixed(3)}`
}

/** A newer monitor may watch what we have no words for. */
function nameOf(statistic: string): string {
  return Object.hasOwn(statisticNames, statistic) ? statisticNames[statistic as StatisticName] : statistic
}
