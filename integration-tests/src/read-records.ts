import { readTopic, type ReadMessage } from '@raison/stream-runtime'
import { openClient, type ClusterOf } from './open-client.ts'

/** Every committed record that the topic holds now, by partition and in its order. */
export async function readRecords(cluster: ClusterOf, topic: string): Promise<ReadMessage[]> {
  const records: ReadMessage[] = []
  await readTopic(openClient(cluster), topic, (record) => void records.push(record))
  return records.sort((a, b) => a.partition - b.partition)
}
