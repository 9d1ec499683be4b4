import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import { createTestTopics } from '@raison/test-kit'
import { inject, onTestFinished } from 'vitest'
import { startProgram, type Program } from './run-raison.ts'
import { sendRecords, waitUntilConsumed } from './stream-input.ts'

const examples = fileURLToPath(new URL('../../examples/loan-demo/bundles', import.meta.url))

/** Topics, a directory with one bundle, and a way in. */
export interface Line {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly topics: Readonly<Record<'decisions' | 'explained' | 'quarantined', string>>
  /** The bundle is in its directory `one`. */
  readonly bundles: string
  /** Resolves when so many decisions, named after `name`, are in the topic. */
  send(count: number, name?: string): Promise<void>
  /** Resolves when all that was sent is explained. */
  explained(): Promise<void>
  /** An explainer of this line; it ends with the test at the latest. */
  start(settings?: Readonly<Record<string, string>>): Program
}

/** Of one of the demo's bundles. */
export async function openLine(bundle: string): Promise<Line> {
  const brokers = inject('kafkaBrokers').split(',')
  const registryUrl = inject('schemaRegistryUrl')
  const topics = await createTestTopics(brokers, { decisions: 4, explained: 1, quarantined: 1 })
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true, maxRetries: 5 }))
  await cp(join(examples, bundle), join(bundles, 'one'), { recursive: true })
  const group = `test-${topics.decisions}`
  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    RAISON_BUNDLES: bundles,
    RAISON_GROUP: group,
    RAISON_TOPIC_DECISIONS: topics.decisions,
    RAISON_TOPIC_EXPLAINED: topics.explained,
    RAISON_TOPIC_QUARANTINED: topics.quarantined,
    RAISON_HEALTH_PORT: '0',
    RAISON_FIT_MAX_MINUTES: '0.5',
  }
  return {
    brokers,
    registryUrl,
    topics,
    bundles,
    async send(count, name = 'decision') {
      const ids = await registerSchemas({ url: registryUrl }, { decisions: topics.decisions })
      const encode = createDecisionEncoder(ids)
      const records = [...simulateApplications({ seed: 5, count })].map(({ features }, k) => {
        const decisionId = `${name}-${k}`
        const model = { name: bundle, version: '1.0.0' }
        const decidedAt = '2026-11-22T10:00:00.000Z'
        const unknown = { score: undefined, outcome: undefined }
        const value = encode({ eventId: decisionId, decisionId, decidedAt, model, features, ...unknown })
        return { key: decisionId, value }
      })
      await sendRecords(brokers, topics.decisions, records)
    },
    explained: () => waitUntilConsumed(brokers, group, topics.decisions),
    start(settings = {}) {
      const explainer = startProgram('explainer', [], { ...env, ...settings })
      onTestFinished(() => void explainer.process.kill('SIGKILL'))
      return explainer
    },
  }
}

/** The exit status of an explainer that is told to end. */
export function stop({ process, ended }: Program): Promise<number | null> {
  process.kill('SIGTERM')
  return ended
}
