import { readdir } from 'node:fs/promises'
import { openKafka, runProcessor, serveHealth, type KafkaConfig, type StreamConfig } from '@raison/stream-runtime'
import type { Logger } from 'pino'
import { openShelf } from './bundle-shelf.ts'
import { openCodecs } from './codecs.ts'
import { ConfigError, type ExplainerConfig } from './config.ts'
import { createProcessor } from './processor.ts'
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
  const shelf = await openShelf(config.bundles, log)
  const codecs = await openCodecs(config, log, signal)
  if (codecs === undefined) return shelf.close()
  const processor = createProcessor({
    codecs,
    shelf,
    topics: config.topics,
    contributions: config.contributions,
    holdSeconds: config.unknownModel.holdSeconds,
    now: Date.now,
  })
  const run = runProcessor(processor, openKafka(streamConfig(config), log), { logger: log, signal })
  const health = await serveHealth(run.health, config.health.port, config.health.host)
  const looking = setInterval(
    () =>
      void shelf
        .refresh()
        .catch((error: Error) => log.error({ reason: error.message }, 'bundles could not be looked at')),
    lookForBundlesMs,
  )
  log.info({ health: `http://${config.health.host}:${health.port}/health/ready`, models: shelf.models() }, 'started')
  try {
    await run.done
  } finally {
    clearInterval(looking)
    await health.close()
    await shelf.close()
  }
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
