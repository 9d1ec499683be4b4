import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createExplanationDecoder, topicNames } from '@raison/events'
import { startPlatform, type Platform } from '@raison/local-platform'
import { createTopics } from '@raison/stream-runtime'
import { formatExplanation, type Language } from './format-explanation.ts'
import { openKafka, type OpenedCluster } from './kafka/open-kafka.ts'
import { withAdmin } from './kafka/with-admin.ts'
import { CliError } from './report-error.ts'
import { environmentOf } from './platform.ts'
import { mainOf } from './run-service.ts'

export interface DemoOptions {
  readonly lang: Language
  readonly decisions?: number
  readonly rate: number
  readonly bundle: string
}

const bundles = fileURLToPath(new URL('../../../examples/loan-demo/bundles', import.meta.url))
/** Of this demo's explainer. */
const groupId = `raison-demo-${process.pid}`
const say = (line: string): void => console.error(line)

/** The whole line on this machine: broker, registry, simulated decisions, explainer, and the explanations as they appear. */
export async function demo(options: DemoOptions): Promise<void> {
  if (!existsSync(`${bundles}/${options.bundle}/bundle.yaml`))
    throw new CliError('USAGE', `there is no bundle ${options.bundle} in examples/loan-demo/bundles`)
  const interrupted = interruption()
  const platform = await Promise.race([startPlatform({ say, env: process.env }), interrupted])
  if (platform === undefined) {
    say('stopping')
    process.exit() // what was starting ends with this process
  }
  const topics = demoTopics()
  const env = environment(platform, topics)
  const services: ChildProcess[] = []
  let viewer: Viewer | undefined
  try {
    const cluster = await openKafka(env)
    await withAdmin(cluster.kafka, (admin) =>
      createTopics(
        admin,
        Object.values(topics).map((topic) => ({ topic, numPartitions: 4 })),
      ),
    )
    viewer = await showExplanations(cluster, topics.explained, options)
    services.push(start('explainer', [], env), start('decision-feed', feedArguments(options), env))
    say('decisions on their way; Ctrl-C ends the demo\n')
    await Promise.race([viewer.done, interrupted, firstFailure(services)])
  } finally {
    say('stopping')
    await Promise.allSettled([viewer?.close(), ...services.map(stop)])
    // The demo is over either way: topics left on a broker that went away are no reason to leave it running.
    await deleteTopics(env, topics).catch((error: Error) => say(`the demo's topics are still there: ${error.message}`))
    await platform.stop()
  }
}

async function deleteTopics(env: NodeJS.ProcessEnv, topics: Topics): Promise<void> {
  const { kafka } = await openKafka(env)
  await withAdmin(kafka, async (admin) => {
    await admin.deleteTopics({ topics: Object.values(topics) })
    await admin.deleteGroups([groupId, topics.explained])
  })
}

type Topics = Readonly<Record<'decisions' | 'explained' | 'quarantined', string>>

/** Topics of this demo alone: the cluster may be one that is in use. */
function demoTopics(): Topics {
  const own = (topic: string): string => `raison-demo-${process.pid}.${topic}`
  return {
    decisions: own(topicNames.decisions),
    explained: own(topicNames.explained),
    quarantined: own(topicNames.quarantined),
  }
}

interface Viewer {
  /** Resolves when all the decisions asked for are shown. */
  readonly done: Promise<void>
  close(): Promise<void>
}

async function showExplanations(
  { kafka, registry }: OpenedCluster,
  topic: string,
  { lang, decisions, bundle }: DemoOptions,
): Promise<Viewer> {
  const decode = createExplanationDecoder(registry)
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 200 })
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let shown = 0
  let told = false
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error))
  // It may fail before anybody waits for it.
  done.catch(() => undefined)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      if (shown === decisions) return
      const explanation = await decode(message.value)
      if (explanation.quality.degraded && !told) say(whyDegraded(bundle))
      told ||= explanation.quality.degraded
      console.log(`${formatExplanation(explanation, lang)}\n`)
      shown += 1
      if (shown === decisions) resolve()
    },
  })
  return { done, close: () => consumer.disconnect() }
}

function whyDegraded(bundle: string): string {
  return `${bundle} is not fitted yet, so its explanations come from sampling alone; this makes them faster and more exact:
  raison fit examples/loan-demo/bundles/${bundle}\n`
}

function environment(platform: Platform, topics: Topics): NodeJS.ProcessEnv {
  return {
    ...environmentOf(platform, process.env),
    RAISON_BUNDLES: bundles,
    RAISON_TOPIC_DECISIONS: topics.decisions,
    RAISON_TOPIC_EXPLAINED: topics.explained,
    RAISON_TOPIC_QUARANTINED: topics.quarantined,
    RAISON_GROUP: groupId,
    RAISON_FIT: 'off', // minutes of both cores, for bundles that this demo may not even show
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

function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(undefined))
    process.once('SIGTERM', () => resolve(undefined))
  })
}
