import { createDriftSignalDecoder, EventError, type DriftSignal } from '@raison/events'
import type { OpenedCluster } from '../../kafka/open-kafka.ts'
import { readExistingTopic } from '../../kafka/read-existing-topic.ts'
import { printable } from '../../printable.ts'

/**
 * By alarm, what was said of it last, in the order in which the alarms were raised. What is no signal is told on stderr and
 * passed over. Throws TOPIC_MISSING, and EventError where the registry fails.
 */
export async function readAlarms({ kafka, registry }: OpenedCluster, topic: string): Promise<Map<string, DriftSignal>> {
  const decode = createDriftSignalDecoder(registry)
  const alarms = new Map<string, DriftSignal>()
  await readExistingTopic(kafka, topic, async ({ partition, offset, value }) => {
    try {
      const signal = await decode(value)
      alarms.set(signal.alarmId, signal)
    } catch (error) {
      if (!(error instanceof EventError) || error.isOfRegistry) throw error
      console.error(`${partition}/${offset}  unreadable: ${printable(error.message)}`)
    }
  })
  return alarms
}
