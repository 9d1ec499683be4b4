import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { randomUUID } from 'node:crypto'
import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import { createTopics } from '@raison/stream-runtime'
import { startExplainerProcess, type ExplainerProcess } from './explainer-process.ts'
import { isCommitted, shortenTimeouts, type Frame, type Verdict as Passage } from './kafka-proxy.ts'
import { readProgress, type Topics } from './oracle.ts'
import { openClient, type Stage } from './stage.ts'

export const sessionMs = 4000
export const transactionMs = 6000
const partitions = 4
const examples = fileURLToPath(new URL('../../../examples/loan-demo/bundles', import.meta.url))

/** What a scene is opened with. */
export interface SceneSettings {
  readonly bundle?: string
  /** A limit of the explained topic, in bytes. */
  readonly maxOutputBytes?: number
  /** How long decisions of an unknown model wait. */
  readonly holdSeconds?: number
}

/** Topics, a stream of decisions, and the explainers that work on it. */
export interface Scene {
  readonly stage: Stage
  readonly topics: Topics
  readonly group: string
  /** Holds the bundle in a directory of its name. */
  readonly bundles: string
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number
  /** The running explainers, the oldest first. */
  readonly explainers: ExplainerProcess[]
  /** An explainer that ends without having been told to is started anew, as an orchestrator would; so often it was. */
  restarts(): number
  /** What is done with every frame between explainers and brokers, beside watching it. */
  hook: ((frame: Frame) => Passage | Promise<Passage>) | undefined
  /** So many decisions in order; `value` may make another of an encoded one. */
  send(count: number, options?: SendOptions): Promise<void>
  /** Starts one more. */
  start(): Promise<ExplainerProcess>
  kill(explainer: ExplainerProcess): Promise<void>
  /** SIGTERM; the exit status. */
  stop(explainer: ExplainerProcess): Promise<number | string>
  /** Resolves when so many more transactions are committed. */
  committed(more: number, withinMs?: number): Promise<void>
  /** Resolves when the group has passed every record; rejects after this time. */
  drained(withinMs: number): Promise<void>
  /** The last lines that each explainer wrote, for the reader of a failure. */
  logs(): string
  close(): Promise<void>
}

export interface SendOptions {
  readonly version?: string
  readonly change?: (value: Buffer, k: number) => Buffer
}

export async function openScene(stage: Stage, random: () => number, settings: SceneSettings = {}): Promise<Scene> {
  const { bundle = 'loan-xgboost', holdSeconds = 0 } = settings
  const run = randomUUID().slice(0, 8)
  const topics = { decisions: `decisions.${run}`, explained: `explained.${run}`, quarantined: `quarantined.${run}` }
  await openTopics(stage, topics, settings)
  const bundles = await mkdtemp(join(tmpdir(), 'raison-faults-'))
  await cp(join(examples, bundle), join(bundles, bundle), { recursive: true })
  const encode = createDecisionEncoder(
    await registerSchemas({ url: stage.directRegistryUrl }, { decisions: topics.decisions }),
  )
  const applications = simulateApplications({ seed: 5, count: 10_000_000 })[Symbol.iterator]()
  const explainers: ExplainerProcess[] = []
  const told = new Set<ExplainerProcess>()
  const group = `faults-${run}`
  let sent = 0
  let started = 0
  let restarts = 0
  let commits = 0
  let closed = false

  const scene: Scene = {
    stage,
    topics,
    group,
    bundles,
    random,
    explainers,
    hook: undefined,
    restarts: () => restarts,
    async send(count, { version = '1.0.0', change = (value: Buffer) => value } = {}) {
      const messages = Array.from({ length: count }, () => {
        const decisionId = `decision-${sent++}`
        const model = { name: bundle, version }
        const { features } = applications.next().value!
        const decided = { decidedAt: '2026-11-22T10:00:00.000Z', score: undefined, outcome: undefined }
        const value = encode({ eventId: decisionId, decisionId, model, features, ...decided })
        return { key: decisionId, value: change(value, sent) }
      })
      await sendUntilTaken(stage, topics.decisions, messages)
    },
    async start() {
      const name = `explainer-${run}-${++started}`
      const explainer = await startExplainerProcess(name, {
        kafka: { brokers: stage.proxies.map(({ port }) => `127.0.0.1:${port}`), clientId: name },
        registry: { url: stage.registryUrl },
        bundles,
        group,
        topics,
        health: { port: 0 },
        unknownModel: { holdSeconds },
        fit: { maxMinutes: 0.5 },
      })
      explainers.push(explainer)
      if (closed) explainer.process.kill('SIGKILL')
      void explainer.ended.then(() => {
        explainers.splice(explainers.indexOf(explainer), 1)
        if (told.has(explainer) || closed) return
        restarts++
        void scene.start()
      })
      return explainer
    },
    async kill(explainer) {
      told.add(explainer)
      explainer.process.kill('SIGKILL')
      await explainer.ended
    },
    async stop(explainer) {
      told.add(explainer)
      // Before it has said anything Node is still loading it, and a signal ends it as it would any program.
      await until(
        () => explainer.log() !== '' || explainer.over(),
        30_000,
        () => `${explainer.name} said nothing in 30 s`,
      )
      explainer.process.kill('SIGTERM')
      return explainer.ended
    },
    async committed(more, withinMs = 60_000) {
      const goal = commits + more
      await until(
        () => commits >= goal,
        withinMs,
        () => `no ${more} commits in ${withinMs} ms${scene.logs()}`,
      )
    },
    async drained(withinMs) {
      const deadline = performance.now() + withinMs
      for (;;) {
        const behind = await readProgress(stage.direct, group, topics.decisions).then(
          (progress) => progress.behind,
          () => Infinity,
        )
        if (behind === 0) return
        if (performance.now() > deadline)
          throw new Error(`${behind} records behind after ${withinMs} ms${scene.logs()}`)
        await pause(200)
      }
    },
    logs: () => explainers.map(({ name, log }) => `\n${name}:\n${log().split('\n').slice(-8).join('\n')}`).join(''),
    async close() {
      closed = true
      stage.proxies.forEach((proxy) => (proxy.meddle = () => 'pass'))
      await Promise.all(explainers.map(async ({ process, ended }) => process.kill('SIGKILL') && ended))
      await rm(bundles, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  for (const proxy of stage.proxies)
    proxy.meddle = async (frame) => {
      shortenTimeouts(frame, sessionMs, transactionMs)
      const passage = (await scene.hook?.(frame)) ?? 'pass'
      if (isCommitted(frame)) commits++
      return passage
    }
  return scene
}

async function until(reached: () => boolean, withinMs: number, problem: () => string): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!reached()) {
    if (performance.now() > deadline) throw new Error(problem())
    await pause(20)
  }
}

async function openTopics(stage: Stage, topics: Topics, { maxOutputBytes }: SceneSettings): Promise<void> {
  const admin = openClient(stage.direct).admin()
  await admin.connect()
  const small = maxOutputBytes && [{ name: 'max.message.bytes', value: String(maxOutputBytes) }]
  await createTopics(admin, [
    { topic: topics.decisions, numPartitions: partitions },
    { topic: topics.explained, numPartitions: 2, ...(small && { configEntries: small }) },
    { topic: topics.quarantined, numPartitions: 1 },
  ])
  await admin.disconnect()
}

interface Message {
  readonly key: string
  readonly value: Buffer
}

/** Until the broker has taken it; a doubled send is two records of the input, each to be explained once. */
async function sendUntilTaken({ direct }: Stage, topic: string, messages: Message[]): Promise<void> {
  const deadline = performance.now() + 120_000
  for (;;) {
    const producer = openClient(direct).producer({ idempotent: true, maxInFlightRequests: 1 })
    try {
      await producer.connect()
      await producer.send({ topic, messages })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(500)
    } finally {
      await producer.disconnect().catch(() => undefined)
    }
  }
}
