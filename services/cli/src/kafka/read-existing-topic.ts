import { checkTopics, readTopic, type ReadMessage } from '@raison/stream-runtime'
import type { Kafka } from 'kafkajs'
import { withAdmin } from './with-admin.ts'

/** As `readTopic`, of a topic that the command may not find. Throws TOPIC_MISSING, RIGHT_MISSING. */
export async function readExistingTopic(
  kafka: Kafka,
  topic: string,
  onRecord: (message: ReadMessage) => void | Promise<void>,
): Promise<void> {
  await refuseMissingTopic(kafka, topic)
  await readTopic(kafka, topic, onRecord)
}

/** Throws TOPIC_MISSING, RIGHT_MISSING: kafkajs would ask for it again and again. */
export async function refuseMissingTopic(kafka: Kafka, topic: string): Promise<void> {
  await withAdmin(kafka, (admin) => checkTopics(admin, [topic]))
}
