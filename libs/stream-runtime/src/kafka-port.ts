import type { RecordLimits } from './prepare-batch.ts'
import type { OutputRecord, RawRecord } from './processor.ts'
import type { StreamError } from './stream-error.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/**
 * All that the runtime asks of a Kafka client, so that another client can stand in.
 * What may be cured by taking the partition anew is thrown as StreamError KAFKA_TROUBLE, or RIGHT_MISSING when somebody has to grant a
 * right first; any other error stops the runtime.
 */
export interface KafkaPort {
  /**
   * Waits for the broker (BROKER_REFUSED, BROKER_UNTRUSTED), checks the topics (TOPIC_MISSING, RIGHT_MISSING), then joins the group;
   * assignments come through the listener.
   */
  start(listener: GroupListener, signal: AbortSignal): Promise<void>
  /** Fences every earlier owner of the partition, then reads the committed position and fetches from there. */
  open(assigned: TopicPartition): Promise<OpenPartition>
  /** Resolves when the group has answered, after this call, that this member still belongs to it, or at the signal. */
  confirmMembership(signal: AbortSignal): Promise<void>
  /**
   * The value of every key in a partition of a compacted topic, as committed at the time of the call: what was written before
   * the partition's owner was fenced, and nothing that is still open. Throws StreamError
   * STATE_TOPIC_INVALID where the topic has no such partition, or is not compacted.
   */
  readTable(place: TopicPartition): Promise<Map<string, Buffer>>
  countPartitions(topic: string): Promise<number>
  /** What the output topics take; known once started. */
  recordLimits(): RecordLimits
  /** Leaves the group and closes every connection. */
  stop(): Promise<void>
}

export interface GroupListener {
  /** A new generation of the group; it replaces the one before it whole. */
  assigned(partitions: readonly TopicPartition[]): void
  /** The generation has ended, the next one is not known yet. */
  revoked(): void
  /** The broker has answered: a heartbeat, at least every few seconds. */
  seen(): void
  /** The broker no longer lets this login in, or cannot be trusted any more: the client goes on asking. */
  refused(error: StreamError): void
  /** The client has given up. */
  failed(error: StreamError): void
}

/** One partition between two fencings. */
export interface OpenPartition {
  /** The committed position it starts from. */
  readonly position: string
  /** The next records in order, at most `max`, as soon as there is one; undefined at the signal. */
  poll(max: number, signal: AbortSignal): Promise<PolledBatch | undefined>
  /** Two transactions may be open at once, when the earlier of them is being committed. */
  begin(): Promise<Transaction>
  /** Aborts what is still open and drops the producers. Never throws. */
  close(): Promise<void>
}

export interface PolledBatch {
  readonly records: readonly RawRecord[]
  /** The position to commit with the outputs of these records. */
  readonly next: string
  /** Records in the partition after this batch, as far as the broker has said. */
  readonly lag: number
}

/** Outputs first, then the position, then commit. */
export interface Transaction {
  produce(outputs: readonly OutputRecord[]): Promise<void>
  commitPosition(next: string): Promise<void>
  commit(): Promise<void>
}
