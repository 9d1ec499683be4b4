import {
  createDriftSignalDecoder,
  createDriftSignalEncoder,
  createMonitoredDecoder,
  createMonitorInputDecoder,
  createMonitorInputEncoder,
  registerSchemas,
} from '@raison/events'
import {
  checkBundles,
  openHealth,
  openTelemetry,
  softwareVersion,
  toKafkaConfig,
  toRegistryConfig,
  waitForRegistry,
  waitingForRegistry,
} from '@raison/service-kit'
import {
  openKafka,
  runBatches,
  runStateful,
  type Health,
  type KafkaPort,
  type Problem,
  type Run,
} from '@raison/stream-runtime'
import type { Logger } from 'pino'
import { callWebhook } from './call-webhook.ts'
import type { DriftMonitorConfig } from './config.ts'
import { createEvidenceStage } from './evidence-stage.ts'
import { findBaselineIn } from './find-baseline.ts'
import { createInstruments } from './instruments.ts'
import { createWindowStage } from './window-stage.ts'

/** Runs the drift monitor until the signal; rejects when it has failed, the positions and the state kept. */
export async function createDriftMonitor(config: DriftMonitorConfig, log: Logger, signal: AbortSignal): Promise<void> {
  if (config.bundles !== undefined) checkBundles(config.bundles, log)
  let runs: Readonly<Record<string, Run>> = {}
  const telemetry = openTelemetry('raison-drift-monitor', process.env)
  const health = await openHealth(config.health, () => healthOf(runs), telemetry.answerMetrics)
  try {
    const codecs = await openCodecs(config, log, signal).catch((error) => {
      if (!signal.aborted) throw error
    })
    if (codecs === undefined) return
    runs = startRuns(config, codecs, log, signal)
    log.info({ health: `http://${config.health.host}:${health.port}/health/ready` }, 'started')
    try {
      // The webhook's failure is a problem in the health, and no reason to watch no more.
      await Promise.all([runs['windows']!.done, runs['evidence']!.done])
    } finally {
      await Promise.allSettled(Object.values(runs).map((run) => run.stop()))
    }
  } finally {
    await health.close()
    // A collector that is away must not keep the service.
    await telemetry.close().catch((error: Error) => log.warn({ reason: error.message }, 'telemetry was not sent'))
  }
}

type Codecs = Awaited<ReturnType<typeof openCodecs>>

async function openCodecs({ registry, topics }: DriftMonitorConfig, log: Logger, signal: AbortSignal) {
  const config = toRegistryConfig(registry)
  const { windows, drift } = topics
  const ids = await waitForRegistry(() => registerSchemas(config, { windows, drift }), log, signal)
  return {
    decodeExplanation: createMonitoredDecoder(config),
    decodeInput: createMonitorInputDecoder(config),
    encodeInput: createMonitorInputEncoder(ids),
    decodeSignal: createDriftSignalDecoder(config),
    encodeSignal: createDriftSignalEncoder(ids),
  }
}

function startRuns(
  config: DriftMonitorConfig,
  codecs: Codecs,
  log: Logger,
  signal: AbortSignal,
): Readonly<Record<string, Run>> {
  const { topics, webhook } = config
  const instruments = createInstruments()
  const windows = runStateful(
    createWindowStage({
      settings: { ...config, softwareVersion },
      topics,
      decode: codecs.decodeExplanation,
      encode: codecs.encodeInput,
      tell(result) {
        instruments.counted(result)
        if (result.refused.size > 0)
          log.warn({ codes: Object.fromEntries(result.refused) }, 'explanations that cannot be watched')
      },
      tellEmpty: (slice) => log.warn(slice, 'a slice stays empty'),
    }),
    openStage(config, log, 'windows', topics.explained, [topics.windows, topics.windowsState]),
    { logger: log, signal },
  )
  const evidence = runStateful(
    createEvidenceStage({
      settings: { ...config, softwareVersion },
      topics,
      decode: codecs.decodeInput,
      encode: codecs.encodeSignal,
      findBaseline: findBaselineIn(config.bundles, log),
      opened: instruments.opened,
      tell(results, refused) {
        instruments.combined(results)
        if (refused.size > 0) log.warn({ codes: Object.fromEntries(refused) }, 'records that cannot be combined')
        for (const { alarmId, state, severity, modelName } of results.flatMap(({ signals }) => signals))
          log.warn({ alarmId, state, severity, model: modelName }, 'drift signal')
      },
    }),
    openStage(config, log, 'evidence', topics.windows, [topics.drift, topics.driftState]),
    { logger: log, signal },
  )
  instruments.watch(windows, evidence)
  if (webhook === undefined) return { windows, evidence }
  const calls = runBatches(
    async ([record]) => {
      await callWebhook(record!, webhook, codecs.decodeSignal, log)
      return { outputs: [], quarantined: 0, quarantinedByCode: new Map() }
    },
    openStage(config, log, 'webhook', topics.drift, []),
    { logger: log, signal, maxBatch: 1 },
  )
  return { windows, evidence, webhook: calls }
}

/** How long a batch that is not full waits for more: windows need no milliseconds, and every transaction has its price. */
const lingerMs = 200

function openStage(
  { kafka, group }: DriftMonitorConfig,
  log: Logger,
  stage: 'windows' | 'evidence' | 'webhook',
  input: string,
  outputTopics: readonly string[],
): KafkaPort {
  const { sessionTimeoutMs } = kafka
  const groupId = `${group}-${stage}`
  return openKafka(
    { kafka: toKafkaConfig(kafka), groupId, inputTopics: [input], outputTopics, sessionTimeoutMs, lingerMs },
    log,
  )
}

/** Alive and ready when both stages are; a webhook that does not answer is a problem, and holds nothing up. */
function healthOf(runs: Readonly<Record<string, Run>>): Health {
  const all = Object.entries(runs).map(([stage, run]) => ({ stage, ...run.health() }))
  if (all.length === 0) return waitingForRegistry
  const waiting = all.find(({ stage, ready }) => stage !== 'webhook' && !ready)
  const webhook = all.find(({ stage, ready }) => stage === 'webhook' && !ready)
  const failing: Problem = { code: 'WEBHOOK_FAILING', message: `the webhook is not called: ${webhook?.reason}` }
  return {
    live: all.every(({ stage, live }) => live || stage === 'webhook'),
    ready: waiting === undefined,
    reason: waiting && `${waiting.stage}: ${waiting.reason}`,
    partitions: all.flatMap(({ partitions }) => partitions),
    problems: [...all.flatMap(({ problems }) => problems), ...(webhook === undefined ? [] : [failing])],
  }
}
