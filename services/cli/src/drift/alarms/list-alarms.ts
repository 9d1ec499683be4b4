import { readTopics } from '@raison/service-kit'
import { openKafka } from '../../kafka/open-kafka.ts'
import { describeAlarm } from './describe-alarm.ts'
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
  for (const signal of signals) console.log(json ? JSON.stringify(signal) : describeAlarm(signal))
  if (signals.length === 0) console.error(all === true ? 'note: no alarm yet' : 'note: no alarm stands')
}
