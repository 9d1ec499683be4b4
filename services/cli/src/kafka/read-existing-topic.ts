import { readTopic, type ReadMessage } from '@raison/stream-runtime'
import type { Kafka } from 'kafkajs'
import { CliError } from '../report-error.ts'
import { withAdmin } from './with-admin.ts'

/** As `readTopic`, of a topic that the command may not find. Throws TOPIC_MISSING. */
export async function readExistingTopic(
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  await refuseMissingTopic(kafka, topic)
  await readTopic(kafka, topic, onRecord)
}

/** Throws TOPIC_MISSING: kafkajs would ask for it again and again. */
export async function refuseMissingTopic(kafka: Kafka, topic: string): Promise<void> {
  const topics = await withAdmin(kafka, (admin) => admin.listTopics())
  if (!topics.includes(topic))
    throw new CliError('TOPIC_MISSING', `no topic ${topic} on this cluster: raison topics --create`)
}
