import { readTopic, type ReadMessage } from '@raison/stream-runtime'
import { Kafka, logLevel } from 'kafkajs'

/** Every committed record that the topic holds now, by partition and in its order. */
export async function readRecords(brokers: readonly string[], topic: string): Promise<ReadMessage[]> {
  const kafka = new Kafka({ clientId: 'integration-tests', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const records: ReadMessage[] = []
  await readTopic(kafka, topic, (record) => void records.push(record))
  return records.sort((a, b) => a.partition - b.partition)
}
