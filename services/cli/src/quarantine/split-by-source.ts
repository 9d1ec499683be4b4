import type { Kafka } from 'kafkajs'
import { withAdmin } from '../kafka/with-admin.ts'
import { CliError } from '../report-error.ts'
import type { Place } from './quarantined.ts'

export interface BySource {
  /** The partition they came from is there. */
  readonly present: readonly Place[]
  /** Their topic was deleted, or made anew with fewer partitions. */
  readonly lost: readonly Place[]
}

/** Asked before anything is sent: what goes to a partition that is not there, kafkajs drops without a word. */
export async function splitBySource(kafka: Kafka, records: readonly Place[]): Promise<BySource> {
  const counts = await partitionCounts(kafka)
  const isPresent = ({ topic, partition }: Place): boolean => partition < (counts.get(topic) ?? 0)
  return { present: records.filter(isPresent), lost: records.filter((record) => !isPresent(record)) }
}

export function sourceGone({ position, topic, partition }: Place): CliError {
  return new CliError(
    'SOURCE_GONE',
    `${position} came from partition ${partition} of ${topic}, which is not there: make the topic with as many partitions as it had`,
  )
}

/** By topic. */
async function partitionCounts(kafka: Kafka): Promise<Map<string, number>> {
  const { topics } = await withAdmin(kafka, (admin) => admin.fetchTopicMetadata())
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
}
