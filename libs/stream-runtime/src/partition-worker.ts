import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createPace, type BatchPace } from './batch-pace.ts'
import type { KafkaPort, OpenPartition, PolledBatch, TopicPartition, Transaction } from './kafka-port.ts'
import type { PrepareBatch, PreparedBatch } from './prepare-batch.ts'
import type { RawRecord } from './processor.ts'
import type { PartitionStatus, Stage, StreamMetrics } from './run-status.ts'
import { isKafkaTrouble, StreamError } from './stream-error.ts'

/** What prepares the batches of a partition until it is taken anew. */
export type OpenBatches = (assigned: TopicPartition, kafka: KafkaPort) => Promise<PrepareBatch>

/** One partition in one generation of the group. */
export interface PartitionWork {
  /** Called whenever the partition has been taken, once every earlier owner is fenced. */
  readonly open: OpenBatches
  readonly kafka: KafkaPort
  readonly logger: Logger
  readonly status: PartitionStatus
  readonly metrics: StreamMetrics
  readonly maxBatch: number
  readonly now: () => number
  readonly onCommitted?: ((batch: CommittedBatch) => void) | undefined
  /** The generation is over: nothing more may be committed. */
  readonly revoked: AbortSignal
  /** Revoked, or stopping: what is in work is finished, nothing new is begun. */
  readonly ending: AbortSignal
}

/** Takes the partition, works until the end, and takes it anew after any trouble with Kafka. Any other error is thrown. */
export async function workPartition(work: PartitionWork): Promise<void> {
  const pace = createPace(work.maxBatch)
  while (!work.ending.aborted) {
    try {
      await holdPartition(work, pace)
    } catch (error) {
      if (work.revoked.aborted) break
      if (!isKafkaTrouble(error)) throw error
      await recover(work, error)
    }
  }
  enter(work, 'stopped')
}

async function holdPartition(work: PartitionWork, pace: BatchPace): Promise<void> {
  enter(work, 'opening')
  work.status.inWork = undefined
  const partition = await work.kafka.open(work.status)
  progress(work, partition.position)
  try {
    const prepare = await work.open(work.status, work.kafka)
    if (work.status.refused?.stage === 'opening') work.status.refused = undefined
    await pump(work, partition, pace, prepare)
  } finally {
    await partition.close()
  }
}

export interface CommittedBatch extends TopicPartition, Pick<PreparedBatch, 'quarantined' | 'quarantinedByCode'> {
  readonly records: readonly RawRecord[]
  /** Milliseconds since 1970. */
  readonly takenAt: number
  readonly committedAt: number
}

/** A batch that is ready to be written. */
interface ReadyBatch extends PreparedBatch {
  readonly polled: PolledBatch
  readonly takenAt: number
}

/**
 * Batch k+1 is taken and prepared while batch k is produced and committed, and produced while k's commit is under way; its
 * own commit waits for that answer. When a commit fails, the transaction after it is left open for `close` to abort.
 */
async function pump(
  work: PartitionWork,
  partition: OpenPartition,
  pace: BatchPace,
  prepare: PrepareBatch,
): Promise<void> {
  const failed = new AbortController()
  const until = AbortSignal.any([work.ending, failed.signal])
  const take = (): Promise<ReadyBatch | undefined> => takeReady(work, partition, pace, prepare, until)
  let ready = take()
  let committed = Promise.resolve()
  try {
    for (;;) {
      const batch = await ready
      if (batch === undefined || work.revoked.aborted || failed.signal.aborted) break
      ready = take()
      ready.catch(() => undefined) // thrown when its turn comes
      const transaction = await write(partition, batch)
      await committed
      if (work.revoked.aborted) return
      committed = commit(work, transaction, batch)
      committed.catch(() => failed.abort())
    }
    await committed
  } finally {
    failed.abort()
    await Promise.allSettled([committed, ready])
  }
}

/** The next batch, prepared; undefined when the work ended first. */
async function takeReady(
  work: PartitionWork,
  partition: OpenPartition,
  pace: BatchPace,
  prepare: PrepareBatch,
  until: AbortSignal,
): Promise<ReadyBatch | undefined> {
  if (until.aborted) return undefined
  enter(work, 'waiting')
  const polled = await partition.poll(pace.size, until)
  const takenAt = work.now()
  if (polled !== undefined) work.status.inWork = { next: polled.next, since: takenAt }
  const prepared = polled && (await prepareWhenReady(work, polled.records, pace, prepare, until))
  return prepared && { ...prepared, polled: polled!, takenAt }
}

async function write(partition: OpenPartition, { outputs, polled }: ReadyBatch): Promise<Transaction> {
  const transaction = await partition.begin()
  await transaction.produce(outputs)
  await transaction.commitPosition(polled.next)
  return transaction
}

async function commit(
  work: PartitionWork,
  transaction: Transaction,
  { quarantined, quarantinedByCode, onCommitted, polled, takenAt }: ReadyBatch,
): Promise<void> {
  await transaction.commit()
  work.metrics.transactions++
  work.metrics.processed += polled.records.length - quarantined
  work.metrics.quarantined += quarantined
  work.status.lag = polled.lag
  work.status.refused = undefined
  if (work.status.inWork?.next === polled.next) work.status.inWork = undefined
  progress(work, polled.next)
  onCommitted?.()
  const { topic, partition } = work.status
  const { records } = polled
  work.onCommitted?.({ topic, partition, records, quarantined, quarantinedByCode, takenAt, committedAt: work.now() })
}

const retryDelaysMs = [100, 200, 500, 1000, 2000, 5000]

/** Holds the batch while the processor says that it may succeed later; undefined when the work ended first. */
async function prepareWhenReady(
  work: PartitionWork,
  records: readonly RawRecord[],
  pace: BatchPace,
  prepare: PrepareBatch,
  until: AbortSignal,
): Promise<PreparedBatch | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      enter(work, 'processing')
      const began = work.now()
      const prepared = await prepare(records, work.kafka.recordLimits())
      pace.measured(records.length, work.now() - began)
      return prepared
    } catch (error) {
      if (!mayLaterSucceed(error)) throw error
      enter(work, 'retrying')
      work.metrics.retries++
      await pause(retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)]!, until)
      if (until.aborted) return undefined
    }
  }
}

function mayLaterSucceed(error: unknown): boolean {
  return error instanceof StreamError && error.code === 'PROCESSOR_RETRY'
}

/** A fenced worker may be the zombie: it must not fence back before the group has said that the partition is still its own. */
async function recover(work: PartitionWork, trouble: StreamError): Promise<void> {
  const { stage } = work.status
  enter(work, 'recovering')
  work.metrics.recoveries++
  const { code, message: reason } = trouble
  const { topic, partition } = work.status
  work.logger.warn({ code, topic, partition, reason }, 'partition taken anew from its committed position')
  if (code === 'RIGHT_MISSING') {
    work.status.refused = { message: reason, stage }
    await pause(refusedMs, work.ending)
  }
  await work.kafka.confirmMembership(work.ending)
}

/** A right is granted by a person: asking every second would only fill the logs. */
const refusedMs = 3000

function enter(work: PartitionWork, stage: Stage): void {
  work.status.stage = stage
}

function progress(work: PartitionWork, position: string): void {
  work.status.position = position
  work.status.lastProgress = work.now()
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
