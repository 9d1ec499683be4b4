import type { TopicPartition } from './kafka-port.ts'
import type { StreamError } from './stream-error.ts'

export type Stage = 'opening' | 'waiting' | 'processing' | 'retrying' | 'recovering' | 'stopped'

export interface PartitionStatus extends TopicPartition {
  stage: Stage
  /** Next offset to be read, once the position is known. */
  position: string | undefined
  /** Records after the last batch, as far as the broker has said. */
  lag: number | undefined
  /** When the position last moved or was read, milliseconds since 1970. */
  lastProgress: number
  /** The right that was missing when the partition last had to be given up, and in which stage, until that has succeeded. */
  refused?: { readonly message: string; readonly stage: Stage } | undefined
  /** The newest batch taken and not committed: the position after it, and when it was taken, milliseconds since 1970. */
  inWork?: { readonly next: string; readonly since: number } | undefined
}

/** Counters since the start. */
export interface StreamMetrics {
  processed: number
  quarantined: number
  transactions: number
  /** Batches tried again because the processor said they may succeed later. */
  retries: number
  /** Partitions taken anew after trouble with Kafka. */
  recoveries: number
}

/** What a run shows of itself; workers write it, health reads it. */
export interface RunStatus {
  partitions: PartitionStatus[]
  metrics: StreamMetrics
  joined: boolean
  /** Last answer of the broker, milliseconds since 1970; at first the start. */
  lastSeen: number
  /** That the broker no longer lets the login in, until it answers again. */
  refused?: StreamError | undefined
  failure: Error | undefined
  stopping: boolean
}

export function newRunStatus(now: number): RunStatus {
  return {
    partitions: [],
    metrics: { processed: 0, quarantined: 0, transactions: 0, retries: 0, recoveries: 0 },
    joined: false,
    lastSeen: now,
    failure: undefined,
    stopping: false,
  }
}
