import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import {
  openBatchThreads,
  openKafka,
  runBatches,
  serveHealth,
  type BatchThreads,
  type CommittedBatch,
  type Health,
  type HealthServer,
  type KafkaConfig,
  type Run,
  type StreamConfig,
} from '@raison/stream-runtime'
import type { Logger } from 'pino'
import { ConfigError, type ExplainerConfig } from './config.ts'
import { hearExplained } from './explained-news.ts'
import { createInstruments } from './instruments.ts'
import { openTelemetry } from './open-telemetry.ts'
import { createProblemList, hearBundleNews } from './problems.ts'
import { readSecret, readSetting } from './read-secret.ts'

/** Runs the explainer until the signal; rejects when it has failed, the positions kept. */
export async function createExplainer(config: ExplainerConfig, log: Logger, signal: AbortSignal): Promise<void> {
  await readdir(config.bundles).catch((cause) => {
    throw new ConfigError(
      `bundles: ${config.bundles} cannot be read: ${cause.message} (set RAISON_BUNDLES to a directory that holds bundle directories)`,
      { cause },
    )
  })
  let run: Run | undefined
  const problems = createProblemList(Date.now)
  const telemetry = openTelemetry(process.env)
  const instruments = createInstruments(telemetry.traces)
  const healthNow = (): Health => {
    const ofStream = run?.health() ?? starting
    return { ...ofStream, problems: [...ofStream.problems, ...problems.at(Date.now())] }
  }
  const health = await openHealth(config, healthNow, telemetry.answerMetrics)
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
    await threads.close()
    for (const channel of heard) channel.close()
    // A collector that is away must not keep the service.
    await telemetry.close().catch((error: Error) => log.warn({ reason: error.message }, 'telemetry was not sent'))
  }
}

/** Waits until the bundles are open and the registry has answered, or until the signal. */
async function started(threads: BatchThreads, signal: AbortSignal): Promise<void> {
  const refusal = await Promise.race([threads.start(), aborted(signal)])
  if (refusal?.code === 'CONFIG_INVALID') throw new ConfigError(refusal.message)
  if (refusal !== undefined) throw Object.assign(new Error(refusal.message), { code: refusal.code })
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Alive, and not ready: a registry that is away must not look like a service that is dead. */
const starting: Health = {
  live: true,
  ready: false,
  reason: 'waiting for the schema registry',
  partitions: [],
  problems: [],
}

async function openHealth(
  { health: { host, port } }: ExplainerConfig,
  health: () => Health,
  answerMetrics: RequestListener,
): Promise<HealthServer> {
  return serveHealth(health, port, host, answerMetrics).catch((cause) => {
    throw new ConfigError(
      `health: ${host}:${port} cannot be listened on: ${cause.message} (set RAISON_HEALTH_PORT, 0 takes a free one)`,
      { cause },
    )
  })
}

/** Records of a transaction at most, and how long one that is not full waits for more. */
const transactions = {
  latency: { maxBatch: 1000, lingerMs: 0 },
  throughput: { maxBatch: 2000, lingerMs: 50 },
} as const satisfies Record<ExplainerConfig['mode'], object>

function streamConfig({ kafka, group, topics, mode }: ExplainerConfig): StreamConfig {
  return {
    kafka: kafkaConfig(kafka),
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    lingerMs: transactions[mode].lingerMs,
    groupId: group,
    inputTopics: [topics.decisions],
    outputTopics: [topics.explained, topics.quarantined],
  }
}

function kafkaConfig({ brokers, clientId, ssl, sasl }: ExplainerConfig['kafka']): KafkaConfig {
  return {
    brokers,
    clientId,
    ...(ssl === true && { ssl: {} }),
    ...(typeof ssl === 'object' && { ssl: readFiles(ssl) }),
    ...(sasl && { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: readSecret(sasl) } }),
  }
}

function readFiles(files: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(named.map(([name, path]) => [name, readSetting(path)]))
}
