import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { healthOf, type Health } from './health.ts'
import type { GroupListener, KafkaPort, TopicPartition } from './kafka-port.ts'
import { workPartition, type CommittedBatch, type OpenBatches, type PartitionWork } from './partition-worker.ts'
import { prepareWith, type PrepareBatch } from './prepare-batch.ts'
import type { Processor } from './processor.ts'
import { newRunStatus, type PartitionStatus, type RunStatus, type StreamMetrics } from './run-status.ts'
import { sayWhy } from './say-why.ts'
import { StreamError } from './stream-error.ts'

export interface RunOptions {
  readonly logger: Logger
  /** Records in one transaction at most, 1,000 unless said; a slow stream or processor makes smaller ones. */
  readonly maxBatch?: number
  /** Without any answer of the broker for so long the run fails, 120,000 ms unless said. */
  readonly stallTimeoutMs?: number
  /** Aborting it is `stop`. */
  readonly signal?: AbortSignal
  readonly now?: () => number
  /** Told of every batch once it is committed; must not throw. */
  readonly onCommitted?: ((batch: CommittedBatch) => void) | undefined
}

export interface Run {
  /** Resolves when stopped; rejects with what made it fail, the positions kept. The service exits non-zero then. */
  readonly done: Promise<void>
  /** Finishes and commits the batches in work, leaves the group, disconnects; then `done` is settled. */
  stop(): Promise<void>
  health(): Health
  metrics(): Readonly<StreamMetrics>
}

/** Consume, process, produce and commit, exactly once, on every partition that the group assigns to this instance. */
export function runProcessor<In, Out>(processor: Processor<In, Out>, kafka: KafkaPort, options: RunOptions): Run {
  return runBatches(prepareWith(processor), kafka, options)
}

/** The same with batches that are prepared elsewhere: see `openBatchThreads`. */
export function runBatches(prepare: PrepareBatch, kafka: KafkaPort, options: RunOptions): Run {
  return runPartitions(async () => prepare, kafka, options)
}

/** The same with what prepares the batches opened for each partition, whenever it is taken. */
export function runPartitions(open: OpenBatches, kafka: KafkaPort, options: RunOptions): Run {
  const run = newRunning(open, kafka, options)
  const stopping = new Promise<void>((resolve) => run.stopping.signal.addEventListener('abort', () => resolve()))
  const watchdog = setInterval(() => failWhenSilent(run), 1000)

  async function live(): Promise<void> {
    try {
      const stopTooLong = stopping.then(tooLong)
      await Promise.race([kafka.start(listenTo(run), run.stopping.signal), run.failure.promise, stopTooLong])
      await Promise.race([stopping, run.failure.promise])
      await Promise.race([drained(run), run.failure.promise, stopTooLong])
    } catch (error) {
      run.status.failure = error as Error
      throw error
    } finally {
      clearInterval(watchdog)
      await release(run)
    }
  }

  const done = live()
  const stop = (): Promise<void> => {
    run.status.stopping = true
    run.stopping.abort()
    return done
  }
  done.catch((error) => options.logger.error(describe(error), 'stream stopped, the positions are kept'))
  if (options.signal?.aborted) void stop().catch(() => undefined)
  options.signal?.addEventListener('abort', () => void stop().catch(() => undefined))
  return { done, stop, health: () => healthOf(run.status, run.now()), metrics: () => ({ ...run.status.metrics }) }
}

interface Running {
  readonly open: OpenBatches
  readonly kafka: KafkaPort
  readonly options: RunOptions
  readonly now: () => number
  readonly status: RunStatus
  readonly stopping: AbortController
  readonly failure: PromiseWithResolvers<never>
  /** The current generation of the group. */
  generation: AbortController
  /** Per partition the worker of the newest generation; it begins when the one before it has ended. */
  readonly workers: Map<string, Promise<void>>
}

function newRunning(open: OpenBatches, kafka: KafkaPort, options: RunOptions): Running {
  const now = options.now ?? Date.now
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  return {
    open: sayWhy(open, options.logger, now),
    kafka,
    options,
    now,
    failure,
    status: newRunStatus(now()),
    stopping: new AbortController(),
    generation: new AbortController(),
    workers: new Map(),
  }
}

function listenTo(run: Running): GroupListener {
  return {
    assigned(partitions) {
      run.generation.abort()
      run.generation = new AbortController()
      run.status.joined = true
      run.status.partitions = partitions.map((assigned) => startWorker(run, assigned))
    },
    revoked() {
      run.generation.abort()
      run.status.joined = false
    },
    seen() {
      run.status.lastSeen = run.now()
      run.status.refused = undefined
    },
    refused(error) {
      run.status.refused = error
      run.options.logger.warn(describe(error), 'waiting to be let in by the Kafka broker')
    },
    failed: run.failure.reject,
  }
}

function startWorker(run: Running, { topic, partition }: TopicPartition): PartitionStatus {
  const { open, kafka, options, now, workers, generation, stopping } = run
  const status: PartitionStatus = {
    topic,
    partition,
    stage: 'opening',
    position: undefined,
    lag: undefined,
    lastProgress: now(),
  }
  const work: PartitionWork = {
    open,
    kafka,
    logger: options.logger,
    status,
    metrics: run.status.metrics,
    maxBatch: options.maxBatch ?? 1000,
    now,
    onCommitted: options.onCommitted,
    revoked: generation.signal,
    ending: AbortSignal.any([generation.signal, stopping.signal]),
  }
  const key = `${topic}-${partition}`
  const before = workers.get(key) ?? Promise.resolve()
  workers.set(key, before.then(() => workPartition(work)).catch(run.failure.reject))
  return status
}

function failWhenSilent({ now, status, options, failure }: Running): void {
  const silence = now() - status.lastSeen
  if (silence <= (options.stallTimeoutMs ?? 120_000)) return
  failure.reject(status.refused ?? silent(status, Math.round(silence / 1000)))
}

function silent({ joined }: RunStatus, seconds: number): StreamError {
  return joined
    ? new StreamError(
        'STALLED',
        `no heartbeat was answered for ${seconds} s: restart the service, the positions are kept`,
      )
    : new StreamError(
        'BROKER_UNREACHABLE',
        `no broker has answered for ${seconds} s: check that it runs, its address, and what the configuration says of TLS and SASL`,
      )
}

async function drained({ workers }: Running): Promise<void> {
  await Promise.all(workers.values())
}

/** What `stop` gives the batches in work. */
const drainMs = 20_000

async function tooLong(): Promise<never> {
  await sleep(drainMs, undefined, { ref: false })
  throw new StreamError(
    'STOP_TIMED_OUT',
    `batches were still in work ${drainMs} ms after stop: their positions are kept`,
  )
}

/** After a failure the other partitions end too, without committing; a worker that hangs is not waited for. */
async function release(run: Running): Promise<void> {
  run.stopping.abort()
  run.generation.abort()
  await Promise.race([drained(run), sleep(2000, undefined, { ref: false })])
  await Promise.race([run.kafka.stop(), sleep(5000, undefined, { ref: false })])
}

/** An error that is not the runtime's own may carry values of a record in its message: only its name is logged. */
function describe(error: Error): { code: string; reason: string } {
  return error instanceof StreamError
    ? { code: error.code, reason: error.message }
    : { code: 'UNKNOWN', reason: error.name }
}
