import { createMonitorInputEncoder, registerSchemas, type AlarmAction, type DriftSignal } from '@raison/events'
import { readTopics } from '@raison/service-kit'
import { openKafka } from '../../kafka/open-kafka.ts'
import { refuseMissingTopic } from '../../kafka/read-existing-topic.ts'
import { printable } from '../../printable.ts'
import { CliError } from '../../report-error.ts'
import { readAlarms } from './read-alarms.ts'
import { userName } from './user-name.ts'

export interface TellOptions {
  readonly topic?: string
  readonly windowsTopic?: string
  readonly by?: string
  readonly note?: string
}

/**
 * Tells the monitor of a word on an alarm, through the topic that it reads its windows from: it takes it in its turn, exactly
 * once, and answers with a signal. Throws ALARM_UNKNOWN, ALARM_CLEARED, TOPIC_MISSING.
 */
export async function tellAlarm(alarmId: string, action: AlarmAction, options: TellOptions): Promise<void> {
  const topics = readTopics(process.env)
  const { topic = topics.drift, windowsTopic = topics.windows, by = userName(), note = '' } = options
  const cluster = await openKafka(process.env)
  const signal = (await readAlarms(cluster, topic)).get(alarmId)
  if (signal === undefined || signal.state === 'compared')
    throw new CliError('ALARM_UNKNOWN', `there is no alarm ${alarmId}: raison drift alarms --all lists them`)
  if (signal.state === 'cleared') throw new CliError('ALARM_CLEARED', `alarm ${alarmId} was cleared ${said(signal)}`)
  if (action === 'acknowledge' && signal.state === 'acknowledged' && note === '')
    return console.error(`${alarmId}: acknowledged already ${said(signal)}; --note says more`)
  await refuseMissingTopic(cluster.kafka, windowsTopic)
  const encode = createMonitorInputEncoder(await registerSchemas(cluster.registry, { windows: windowsTopic }))
  const command = { action, alarmId, by, note, at: new Date().toISOString() }
  const producer = cluster.kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    const value = encode({ rows: undefined, command })
    await producer.send({ topic: windowsTopic, messages: [{ key: signal.modelName, value }] })
  } finally {
    await producer.disconnect()
  }
  console.error(`${alarmId}: the monitor is told, and answers with a signal: raison drift alarms --all`)
}

function said({ by, at }: DriftSignal): string {
  return printable(`by ${by || 'somebody'} at ${at}`)
}
