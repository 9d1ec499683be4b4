import type { DriftSignal, FeatureDrift } from '@raison/events'
import { readTopics } from '@raison/service-kit'
import { openKafka } from '../../kafka/open-kafka.ts'
import { printable } from '../../printable.ts'
import { readAlarms } from './read-alarms.ts'

export interface ListOptions {
  readonly topic?: string
  readonly all?: boolean
  readonly model?: string
  readonly json?: boolean
}

/** Prints the alarms that stand; with `all` also those that were cleared, and comparisons of model versions. */
export async function listAlarms({ topic, all, model, json }: ListOptions): Promise<void> {
  const read = await readAlarms(await openKafka(process.env), topic ?? readTopics(process.env).drift)
  const signals = [...read.values()].filter(
    ({ state, modelName }) =>
      (all === true || state === 'raised' || state === 'acknowledged') && (model === undefined || modelName === model),
  )
  for (const signal of signals) console.log(json ? JSON.stringify(signal) : toText(signal))
  if (signals.length === 0) console.error(all === true ? 'note: no alarm yet' : 'note: no alarm stands')
}

const mostFeatures = 5

function toText(signal: DriftSignal): string {
  const { alarmId, state, severity, kind, slice, modelName, modelVersion, comparedVersion, changes, from, until } =
    signal
  const about = `${modelName} ${modelVersion}${slice === '' ? '' : `, ${slice}`}${kind === 'quality' ? ', quality' : ''}`
  const head =
    state === 'compared'
      ? `${alarmId}  ${about}: what changed since version ${comparedVersion}`
      : `${alarmId}  ${state}  ${severity}  ${about}  since window ${signal.sinceWindow}, raised in ${signal.window} (${from} – ${until}), evidence ${signal.evidence.toPrecision(3)} of ${signal.averageRunLength}`
  const said = [signal.by && `by ${signal.by} at ${signal.at}`, signal.note, signal.link].filter(Boolean)
  const examples =
    signal.decisionIds.length > 0
      ? [`${signal.decisionIds.length === 1 ? 'decision' : 'decisions'} ${signal.decisionIds.join(', ')}`]
      : []
  const lines = [head, ...changes.slice(0, mostFeatures).map(toChange), ...examples, ...said]
  return lines.map((line) => printable(line)).join('\n    ')
}

function toChange({ feature, statistic, direction, before, now }: FeatureDrift): string {
  return `${direction === 'up' ? '↑' : '↓'} ${feature}  ${statistic}  ${before.toFixed(3)} → ${now.toFixed(3)}`
}
