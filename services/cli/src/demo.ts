import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { createExplanationDecoder, topicNames } from '@raison/events'
import { startPlatform, type Platform } from '@raison/local-platform'
import { formatExplanation, type Language } from './format-explanation.ts'
import { CliError } from './report-error.ts'
import { mainOf } from './run-service.ts'
import { createTopics } from './topics.ts'

export interface DemoOptions {
  readonly lang: Language
  readonly decisions?: number
  readonly rate: number
  readonly bundle: string
}

const bundles = fileURLToPath(new URL('../../../examples/loan-demo/bundles', import.meta.url))
const say = (line: string): void => console.error(line)

/** The whole line on this machine: broker, registry, simulated decisions, explainer, and the explanations as they appear. */
export async function demo(options: DemoOptions): Promise<void> {
  if (!existsSync(`${bundles}/${options.bundle}/bundle.yaml`))
    throw new CliError('USAGE', `there is no bundle ${options.bundle} in examples/loan-demo/bundles`)
  const interrupted = interruption()
  const platform = await startPlatform({ say, env: process.env })
  const services: ChildProcess[] = []
  try {
    await createTopics(
      { brokers: platform.brokers, registryUrl: platform.registryUrl },
      { partitions: 4, replication: 1 },
      say,
    )
    const env = environment(platform)
    services.push(start('explainer', [], env), start('decision-feed', feedArguments(options), env))
    say('decisions on their way; Ctrl-C ends the demo\n')
    await Promise.race([showExplanations(platform, options), interrupted, firstFailure(services)])
  } finally {
    say('\nstopping')
    await Promise.all(services.map(stop))
    await platform.stop()
  }
}

async function showExplanations(platform: Platform, { lang, decisions }: DemoOptions): Promise<void> {
  const decode = createExplanationDecoder({ url: platform.registryUrl })
  const kafka = new Kafka({ clientId: 'raison-demo', brokers: [...platform.brokers], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `raison-demo-${process.pid}`, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic: topicNames.explained, fromBeginning: true })
  let shown = 0
  try {
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        if (shown === decisions) return
        console.log(`${formatExplanation(await decode(message.value), lang)}\n`)
        shown += 1
        if (shown === decisions) resolve()
      }
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}

function environment(platform: Platform): NodeJS.ProcessEnv {
  return {
    ...process.env,
    KAFKA_BROKERS: platform.brokers.join(','),
    SCHEMA_REGISTRY_URL: platform.registryUrl,
    RAISON_BUNDLES: bundles,
    RAISON_GROUP: `raison-demo-explainer-${process.pid}`,
    RAISON_STOP_WITH_STDIN: '1',
    RAISON_HEALTH_PORT: '0',
    RAISON_LOG_LEVEL: process.env['RAISON_LOG_LEVEL'] ?? 'error',
  }
}

function feedArguments({ bundle, decisions, rate }: DemoOptions): string[] {
  const ended = decisions === undefined ? [] : ['--decisions', String(decisions)]
  return ['--bundle', `${bundles}/${bundle}`, '--rate', String(rate), ...ended]
}

/** In a process group of its own: Ctrl-C reaches us alone, and we stop the services in their order. Should we die, their stdin ends. */
function start(service: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, mainOf(service), ...args], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
}

async function stop(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return
  const ended = once(service, 'exit')
  service.kill('SIGTERM')
  await ended
}

/** Never resolves for a service that ends well. */
async function firstFailure(services: readonly ChildProcess[]): Promise<void> {
  await new Promise<void>((_, reject) => {
    for (const service of services)
      service.once('exit', (status, signal) => {
        if (status !== 0)
          reject(new Error(`a service of the demo ended with ${signal ?? `status ${status}`}; its words are above`))
      })
  })
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
