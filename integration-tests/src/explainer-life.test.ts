import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import { createTestTopics, readTopic } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startProgram, type Program } from './run-raison.ts'
import { sendRecords, waitUntilConsumed } from './stream-input.ts'

const examples = fileURLToPath(new URL('../../examples/loan-demo/bundles', import.meta.url))

test('told to stop while it waits for a registry that is away, it ends at once', async () => {
  const { env } = await openLine('loan-logistic')
  const explainer = start({ ...env, SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' })
  await explainer.shows(/waiting for the schema registry/)
  expect(await stop(explainer)).toBe(0)
})

test('two threads explain side by side, each decision once', async () => {
  const { env, send, explained, topics, brokers } = await openLine('loan-logistic')
  const explainer = start({ ...env, RAISON_THREADS: '2' })
  await send(100)
  await explained()
  expect(await stop(explainer)).toBe(0)
  expect(await readTopic(brokers, topics.explained)).toHaveLength(100)
})

test('two directories of one version with other bytes stop the start, and the message names both', async () => {
  const { env, bundles } = await openLine('loan-logistic')
  await cp(join(bundles, 'one'), join(bundles, 'two'), { recursive: true })
  await appendFile(join(bundles, 'two', 'reasons.yaml'), '# another\n')
  const explainer = start({ ...env, RAISON_THREADS: '2' })
  expect(await explainer.ended).toBe(2)
  expect(explainer.stderr()).toMatch(/"code":"CONFIG_INVALID".*one.*two/)
})

test('told to stop under load, its threads finish what is in work, and the next instance begins where it ended', async () => {
  const { env, send, explained, topics, brokers } = await openLine('loan-xgboost')
  const count = 6000
  const first = start({ ...env, RAISON_THREADS: '2' })
  await first.shows(/"started"/)
  await send(count)
  while ((await readTopic(brokers, topics.explained)).length === 0);
  expect(await stop(first)).toBe(0)
  const second = start(env)
  await explained()
  expect(await stop(second)).toBe(0)
  const sources = (await readTopic(brokers, topics.explained)).map(({ headers }) => String(headers['raison-source']))
  expect([sources.length, new Set(sources).size]).toEqual([count, count])
})

test('told to stop with thousands of decisions of a slow model to come, it finishes small batches and ends in time', async () => {
  const { env, send, topics, brokers } = await openLine('loan-neural-net')
  const explainer = start({ ...env, RAISON_FIT: 'off' })
  await send(4000)
  while ((await readTopic(brokers, topics.explained)).length === 0);
  expect(await stop(explainer)).toBe(0)
  expect((await readTopic(brokers, topics.explained)).length).toBeLessThan(4000)
})

test('told to stop while a fit is under way, it ends and leaves the fit to another', async () => {
  const { env, bundles } = await openLine('loan-neural-net')
  const explainer = start(env)
  await explainer.shows(/fit: fitting the cosine network/)
  const lock = async (): Promise<string[]> =>
    (await readdir(join(bundles, 'one', 'artefacts'))).filter((name) => name.endsWith('.fitting'))
  expect(await lock()).toHaveLength(1)
  expect(await stop(explainer)).toBe(0)
  while ((await lock()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
})

/** Topics, a directory with one bundle, and a way in. */
async function openLine(bundle: string) {
  const brokers = inject('kafkaBrokers').split(',')
  const registryUrl = inject('schemaRegistryUrl')
  const topics = await createTestTopics(brokers, { decisions: 2, explained: 2, quarantined: 1 })
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true, maxRetries: 5 }))
  await cp(join(examples, bundle), join(bundles, 'one'), { recursive: true })
  const group = `test-${topics.decisions}`
  return {
    brokers,
    topics,
    bundles,
    env: {
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      RAISON_BUNDLES: bundles,
      RAISON_GROUP: group,
      RAISON_TOPIC_DECISIONS: topics.decisions,
      RAISON_TOPIC_EXPLAINED: topics.explained,
      RAISON_TOPIC_QUARANTINED: topics.quarantined,
      RAISON_HEALTH_PORT: '0',
      RAISON_FIT_MAX_MINUTES: '0.5',
    },
    async send(count: number): Promise<void> {
      const ids = await registerSchemas({ url: registryUrl }, { decisions: topics.decisions })
      const encode = createDecisionEncoder(ids)
      const records = [...simulateApplications({ seed: 5, count })].map(({ features }, k) => {
        const decisionId = `decision-${k}`
        const model = { name: bundle, version: '1.0.0' }
        const decidedAt = '2026-11-22T10:00:00.000Z'
        const unknown = { score: undefined, outcome: undefined }
        return {
          key: decisionId,
          value: encode({ eventId: decisionId, decisionId, decidedAt, model, features, ...unknown }),
        }
      })
      await sendRecords(brokers, topics.decisions, records)
    },
    /** Resolves when all that was sent is explained. */
    explained: () => waitUntilConsumed(brokers, group, topics.decisions),
  }
}

function start(env: Readonly<Record<string, string>>): Program {
  const explainer = startProgram('explainer', [], { PATH: process.env['PATH'], ...env })
  onTestFinished(() => void explainer.process.kill('SIGKILL'))
  return explainer
}

function stop({ process, ended }: Program): Promise<number | null> {
  process.kill('SIGTERM')
  return ended
}
