import { readdir } from 'node:fs/promises'
import {
  openKafka,
  runProcessor,
  serveHealth,
  type Health,
  type HealthServer,
  type KafkaConfig,
  type Run,
  type StreamConfig,
} from '@raison/stream-runtime'
import type { Logger } from 'pino'
import { openShelf, type BundleShelf } from './bundle-shelf.ts'
import { openCodecs } from './codecs.ts'
import { ConfigError, type ExplainerConfig } from './config.ts'
import { createProcessor, type ProcessorSettings } from './processor.ts'
import { readSecret, readSetting } from './read-secret.ts'

const lookForBundlesMs = 1000

/** Runs the explainer until the signal; rejects when it has failed, the positions kept. */
export async function createExplainer(config: ExplainerConfig, log: Logger, signal: AbortSignal): Promise<void> {
  await readdir(config.bundles).catch((cause) => {
    throw new ConfigError(
      `bundles: ${config.bundles} cannot be read: ${cause.message} (set RAISON_BUNDLES to a directory that holds bundle directories)`,
      { cause },
    )
  })
  let run: Run | undefined
  const health = await openHealth(config, () => run?.health() ?? starting)
  const shelf = await openShelf(config.bundles, log)
  const looking = lookAgain(shelf, log)
  try {
    const codecs = await openCodecs(config, log, signal)
    if (codecs === undefined) return
    const processor = createProcessor({ ...settingsOf(config), codecs, shelf, now: Date.now })
    run = runProcessor(processor, openKafka(streamConfig(config), log), { logger: log, signal })
    log.info({ health: `http://${config.health.host}:${health.port}/health/ready`, models: shelf.models() }, 'started')
    await run.done
  } finally {
    clearInterval(looking)
    await health.close()
    await shelf.close()
  }
}

/** Alive, and not ready: a registry that is away must not look like a service that is dead. */
const starting: Health = { live: true, ready: false, reason: 'waiting for the schema registry', partitions: [] }

async function openHealth({ health: { host, port } }: ExplainerConfig, health: () => Health): Promise<HealthServer> {
  return serveHealth(health, port, host).catch((cause) => {
    throw new ConfigError(
      `health: ${host}:${port} cannot be listened on: ${cause.message} (set RAISON_HEALTH_PORT, 0 takes a free one)`,
      { cause },
    )
  })
}

/** One look at a time: opening a large bundle may take longer than the interval. */
function lookAgain(shelf: BundleShelf, log: Logger): NodeJS.Timeout {
  let busy = false
  const look = async (): Promise<void> => {
    if (busy) return
    busy = true
    await shelf
      .refresh()
      .catch((error: Error) => log.error({ reason: error.message }, 'bundles could not be looked at'))
    busy = false
  }
  return setInterval(() => void look(), lookForBundlesMs)
}

function settingsOf({
  topics,
  contributions,
  unknownModel,
}: ExplainerConfig): Pick<ProcessorSettings, 'topics' | 'contributions' | 'holdSeconds'> {
  return { topics, contributions, holdSeconds: unknownModel.holdSeconds }
}

function streamConfig({ kafka, group, topics }: ExplainerConfig): StreamConfig {
  return {
    kafka: kafkaConfig(kafka),
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
