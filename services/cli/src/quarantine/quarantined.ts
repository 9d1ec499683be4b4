import { createQuarantineDecoder, EventError, type QuarantinedRecord } from '@raison/events'
import type { Quarantine } from './cluster.ts'
import { readExistingTopic } from '../kafka/read-existing-topic.ts'
import { replayedTopicOf, type Replayed } from './replayed.ts'

/** A record that was set aside, and where it lies now. */
export interface Quarantined extends QuarantinedRecord {
  /** `partition/offset` in the quarantine topic. */
  readonly position: string
  /** `topic/partition/offset`, where it was read. */
  readonly source: string
  /** The source of the record that this one is a replay of, when it is one. */
  readonly replayOf: string | undefined
  /** When it has been sent again. */
  readonly replayed: Replayed | undefined
}

/** Where a record lies, and where it came from. */
export type Place = Pick<Quarantined, 'position' | 'source' | 'topic' | 'partition'>

export interface Filter {
  readonly code?: string
  readonly stage?: string
  /** Milliseconds since 1970: first seen then or later. */
  readonly since?: number
}

/** Of the records of the source that this one replays. */
export const replayHeader = 'raison-replay-of'

/** Every record of the quarantine that passes the filter, as it comes. What cannot be decoded is told to `onUnreadable`. */
export async function readQuarantine(
  quarantine: Quarantine,
  filter: Filter,
  onRecord: (record: Quarantined) => void,
  onUnreadable: (position: string, error: EventError) => void,
): Promise<void> {
  const decode = createQuarantineDecoder(quarantine.registry)
  const replayed = await replayedTopicOf(quarantine).read()
  await readExistingTopic(quarantine.kafka, quarantine.topic, async ({ partition, offset, value }) => {
    const position = `${partition}/${offset}`
    try {
      const record = toQuarantined(await decode(value), position, replayed.get(position))
      if (passes(record, filter)) onRecord(record)
    } catch (error) {
      if (!(error instanceof EventError) || error.isOfRegistry) throw error
      onUnreadable(position, error)
    }
  })
}

function toQuarantined(record: QuarantinedRecord, position: string, replayed: Replayed | undefined): Quarantined {
  return {
    ...record,
    position,
    source: `${record.topic}/${record.partition}/${record.offset}`,
    replayOf: record.headers[replayHeader]?.toString(),
    replayed,
  }
}

function passes({ code, stage, firstSeen }: Quarantined, filter: Filter): boolean {
  return (
    (filter.code === undefined || filter.code === code) &&
    (filter.stage === undefined || filter.stage === stage) &&
    (filter.since === undefined || Date.parse(firstSeen) >= filter.since)
  )
}
