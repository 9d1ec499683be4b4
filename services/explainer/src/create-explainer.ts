import { once } from 'node:events'
import { endNativeCalls } from '@raison/model-runtime/main-thread'
import {
  checkBundles,
  ConfigError,
  openHealth,
  openTelemetry,
  toKafkaConfig,
  waitingForRegistry,
} from '@raison/service-kit'
import {
  openBatchThreads,
  openKafka,
  runBatches,
  type BatchThreads,
  type CommittedBatch,
  type Health,
  type Run,
  type StreamConfig,
} from '@raison/stream-runtime'
import type { Logger } from 'pino'
import type { ExplainerConfig } from './config.ts'
import { hearExplained } from './explained-news.ts'
import { createInstruments } from './instruments.ts'
import { createProblemList, hearBundleNews } from './problems.ts'

/** Runs the explainer until the signal; rejects when it has failed, the positions kept. */
export async function createExplainer(config: ExplainerConfig, log: Logger, signal: AbortSignal): Promise<void> {
  checkBundles(config.bundles, log)
  let run: Run | undefined
  const problems = createProblemList(Date.now)
  const telemetry = openTelemetry('raison-explainer', process.env)
  const instruments = createInstruments(telemetry.traces)
  const healthNow = (): Health => {
    const ofStream = run?.health() ?? starting
    return { ...ofStream, problems: [...ofStream.problems, ...problems.at(Date.now())] }
  }
  const health = await openHealth(config.health, healthNow, telemetry.answerMetrics)
  const heard = [hearBundleNews(problems.hear), hearExplained(instruments.explained)]
  const onCommitted = (batch: CommittedBatch): void => {
    problems.committed(batch)
    instruments.committed(batch)
  }
  const threads = openBatchThreads(new URL('./explain-thread.ts', import.meta.url), config, config.threads)
  try {
    await started(threads, signal)
    if (signal.aborted) return
    const { maxBatch } = transactions[config.mode]
    const options = { logger: log, signal, maxBatch, onCommitted }
    run = runBatches(threads.prepare, openKafka(streamConfig(config), log), options)
    instruments.watch(run)
    log.info({ health: `http://${config.health.host}:${health.port}/health/ready` }, 'started')
    await run.done
  } finally {
    await health.close()
    endNativeCalls()
    await threads.close()
    for (const channel of heard) channel.close()
    // A collector that is away must not keep the service.
    await telemetry.close().catch((error: Error) => log.warn({ reason: error.message }, 'telemetry was not sent'))
  }
}

/** The bundles come first. */
const starting: Health = { ...waitingForRegistry, reason: 'opening the bundles, then waiting for the schema registry' }

/** Waits until the bundles are open and the registry has answered, or until the signal. */
async function started(threads: BatchThreads, signal: AbortSignal): Promise<void> {
  const refusal = await Promise.race([threads.start(), aborted(signal)])
  if (refusal?.code === 'CONFIG_INVALID') throw new ConfigError(refusal.message)
  if (refusal !== undefined) throw Object.assign(new Error(refusal.message), { code: refusal.code })
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Records of a transaction at most, and how long one that is not full waits for more. */
const transactions = {
  latency: { maxBatch: 1000, lingerMs: 8 },
  throughput: { maxBatch: 2000, lingerMs: 50 },
} as const satisfies Record<ExplainerConfig['mode'], object>

function streamConfig({ kafka, group, topics, mode, compression }: ExplainerConfig): StreamConfig {
  return {
    kafka: toKafkaConfig(kafka),
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    lingerMs: transactions[mode].lingerMs,
    compression,
    groupId: group,
    inputTopics: [topics.decisions],
    outputTopics: [topics.explained, topics.quarantined],
  }
}
