import { createDriftSignalDecoder, type DriftSignal } from '@raison/events'
import type { openKafka } from '../../kafka/open-kafka.ts'
import { readExistingTopic } from '../../kafka/read-existing-topic.ts'

/** By alarm, what was said of it last, in the order in which the alarms were raised. Throws TOPIC_MISSING, EventError. */
export async function readAlarms(
  { kafka, registry }: Awaited<ReturnType<typeof openKafka>>,
  topic: string,
): Promise<Map<string, DriftSignal>> {
  const decode = createDriftSignalDecoder(registry)
  const alarms = new Map<string, DriftSignal>()
  await readExistingTopic(kafka, topic, async ({ value }) => {
    const signal = await decode(value)
    alarms.set(signal.alarmId, signal)
  })
  return alarms
}
