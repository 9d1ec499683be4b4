import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { KafkaPort, OpenPartition, PolledBatch, Transaction } from './kafka-port.ts'
import { prepareBatch, type PreparedBatch } from './prepare-batch.ts'
import type { Processor, RawRecord } from './processor.ts'
import type { PartitionStatus, Stage, StreamMetrics } from './run-status.ts'
import { isKafkaTrouble, StreamError } from './stream-error.ts'

/** One partition in one generation of the group. */
export interface PartitionWork<In, Out> {
  readonly processor: Processor<In, Out>
  readonly kafka: KafkaPort
  readonly logger: Logger
  readonly status: PartitionStatus
  readonly metrics: StreamMetrics
  readonly maxBatch: number
  readonly now: () => number
  /** The generation is over: nothing more may be committed. */
  readonly revoked: AbortSignal
  /** Revoked, or stopping: what is in work is finished, nothing new is begun. */
  readonly ending: AbortSignal
}

/** Takes the partition, works until the end, and takes it anew after any trouble with Kafka. Any other error is thrown. */
export async function workPartition<In, Out>(work: PartitionWork<In, Out>): Promise<void> {
  while (!work.ending.aborted) {
    try {
      await holdPartition(work)
    } catch (error) {
      if (work.revoked.aborted) break
      if (!isKafkaTrouble(error)) throw error
      await recover(work, error)
    }
  }
  enter(work, 'stopped')
}

async function holdPartition<In, Out>(work: PartitionWork<In, Out>): Promise<void> {
  enter(work, 'opening')
  const partition = await work.kafka.open(work.status)
  progress(work, partition.position)
  try {
    await pump(work, partition)
  } finally {
    await partition.close()
  }
}

/**
 * Batch k+1 is prepared and produced while the commit of batch k is under way, but its own commit waits for the answer.
 * When a commit fails, the transaction after it is left open for `close` to abort.
 */
async function pump<In, Out>(work: PartitionWork<In, Out>, partition: OpenPartition): Promise<void> {
  const commitFailed = new AbortController()
  const until = AbortSignal.any([work.ending, commitFailed.signal])
  let committed = Promise.resolve()
  try {
    while (!until.aborted) {
      enter(work, 'waiting')
      const batch = await partition.poll(work.maxBatch, until)
      const prepared = batch && (await prepareWhenReady(work, batch.records, until))
      if (prepared === undefined || work.revoked.aborted) break
      enter(work, 'committing')
      const transaction = await write(partition, prepared, batch!)
      await committed
      if (work.revoked.aborted) return
      committed = commit(work, transaction, prepared, batch!)
      committed.catch(() => commitFailed.abort())
    }
    await committed
  } finally {
    await Promise.allSettled([committed])
  }
}

async function write(
  partition: OpenPartition,
  { outputs }: PreparedBatch,
  { next }: PolledBatch,
): Promise<Transaction> {
  const transaction = await partition.begin()
  await transaction.produce(outputs)
  await transaction.commitPosition(next)
  return transaction
}

async function commit<In, Out>(
  work: PartitionWork<In, Out>,
  transaction: Transaction,
  { outputs, quarantined }: PreparedBatch,
  { next, lag }: PolledBatch,
): Promise<void> {
  await transaction.commit()
  work.metrics.transactions++
  work.metrics.processed += outputs.length - quarantined
  work.metrics.quarantined += quarantined
  work.status.lag = lag
  progress(work, next)
}

const retryDelaysMs = [100, 200, 500, 1000, 2000, 5000]

/** Holds the batch while the processor says that it may succeed later; undefined when the work ended first. */
async function prepareWhenReady<In, Out>(
  work: PartitionWork<In, Out>,
  records: readonly RawRecord[],
  until: AbortSignal,
): Promise<PreparedBatch | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      enter(work, 'processing')
      return await prepareBatch(work.processor, records, work.kafka.recordLimit)
    } catch (error) {
      if (!mayLaterSucceed(work.processor, error)) throw error
      enter(work, 'retrying')
      work.metrics.retries++
      await pause(retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)]!, until)
      if (until.aborted) return undefined
    }
  }
}

function mayLaterSucceed<In, Out>(processor: Processor<In, Out>, error: unknown): boolean {
  const cause = error instanceof StreamError ? error.cause : error
  return processor.isRetryable?.(cause) ?? false
}

/** A fenced worker may be the zombie: it must not fence back before the group has said that the partition is still its own. */
async function recover<In, Out>(work: PartitionWork<In, Out>, trouble: StreamError): Promise<void> {
  enter(work, 'recovering')
  work.metrics.recoveries++
  const { topic, partition } = work.status
  work.logger.warn({ topic, partition, reason: trouble.message }, 'partition taken anew from its committed position')
  await work.kafka.confirmMembership(work.ending)
}

function enter<In, Out>(work: PartitionWork<In, Out>, stage: Stage): void {
  work.status.stage = stage
}

function progress<In, Out>(work: PartitionWork<In, Out>, position: string): void {
  work.status.position = position
  work.status.lastProgress = work.now()
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
