import type { KafkaPort, TopicPartition } from '../kafka-port.ts'
import { nameOf, recordSize, type PreparedBatch, type RecordLimits } from '../prepare-batch.ts'
import { StreamError } from '../stream-error.ts'
import type { OutputRecord, RawRecord } from '../processor.ts'
import { runPartitions, type Run, type RunOptions } from '../run-processor.ts'
import { openState, type PartitionState } from './partition-state.ts'

/**
 * Takes the records of one partition in order. It may look at nothing but them and the state it was opened with. Before it throws
 * PROCESSOR_RETRY, after which the same records come again, it may not have changed the state.
 */
export type TakeRecords = (records: readonly RawRecord[]) => Promise<TakenRecords>

export interface TakenRecords {
  readonly outputs: readonly OutputRecord[]
  /** Records that nothing came of, by why. */
  readonly refused: ReadonlyMap<string, number>
  /** For what is counted and logged: called once they are committed, and never for records that are taken again. Must not throw. */
  readonly onCommitted?: () => void
}

export interface CountedTopicPartition extends TopicPartition {
  /** Of the topic, when the partition was taken. */
  readonly partitions: number
}

export interface StatefulProcessor {
  /** Compacted, with a partition for each of the input. */
  readonly stateTopic: string
  open(state: PartitionState, assigned: CountedTopicPartition): TakeRecords
}

/**
 * Consume, change the state, produce and commit exactly once: outputs, the changed state and the position are one
 * transaction, and the state is read back whenever a partition is taken, after every earlier owner has been fenced. After any
 * trouble what was in memory is dropped with the batch.
 */
export function runStateful(processor: StatefulProcessor, kafka: KafkaPort, options: RunOptions): Run {
  const { stateTopic } = processor
  return runPartitions(
    async (assigned) => {
      const place = { topic: stateTopic, partition: assigned.partition }
      const state = openState(await kafka.readTable(place))
      const partitions = await kafka.countPartitions(assigned.topic)
      const take = processor.open(state, { ...assigned, partitions })
      return async (records, limits): Promise<PreparedBatch> => {
        const { outputs, refused, onCommitted } = await take(records).catch((cause: unknown) => {
          throw failed(records, cause)
        })
        const quarantined = [...refused.values()].reduce((sum, count) => sum + count, 0)
        const all = [...outputs, ...state.takeChanges(place)]
        checkSizes(all, limits)
        return { outputs: all, quarantined, quarantinedByCode: refused, onCommitted }
      }
    },
    kafka,
    options,
  )
}

/** Names the place, never the content. What a stage throws as StreamError it has named itself. */
function failed(records: readonly RawRecord[], cause: unknown): StreamError {
  if (cause instanceof StreamError) return cause
  const { topic, partition, offset } = records[0]!
  const place = `${topic}-${partition} offsets ${offset} to ${records.at(-1)!.offset}`
  return new StreamError(
    'PROCESSOR_FAILED',
    `taking ${place} failed (${nameOf(cause)}); the position is kept, a restart begins there`,
    { cause },
  )
}

/** Nothing of a state can be left out: the topic must take it. */
function checkSizes(records: readonly OutputRecord[], limits: RecordLimits): void {
  for (const record of records) {
    const [size, limit] = [recordSize(record), limits.get(record.topic) ?? 0]
    if (size > limit)
      throw new StreamError(
        'RECORD_TOO_LARGE',
        `${record.key.toString().split('/')[0]} has ${size} bytes and ${record.topic} takes ${limit}: raise max.message.bytes of the topic`,
      )
  }
}
