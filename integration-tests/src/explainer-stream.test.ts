import { existsSync } from 'node:fs'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { createDecisionEncoder, registerSchemas, type ScoredDecision } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import { createTestTopics } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { dataDir, noGolden, readTable, writeGoldenBundle } from './golden.ts'
import { startExplainer } from './run-explainer.ts'
import { sendRecords, waitUntilConsumed, type InputRecord } from './stream-input.ts'
import type { ReadMessage } from '@raison/stream-runtime'
import { readRecords } from './read-records.ts'

/** Produced, explained, read back and decoded on whatever machine runs it. */
const longTest = { timeout: 300_000 }

const loanBundle = fileURLToPath(new URL('../../examples/loan-demo/bundles/loan-xgboost', import.meta.url))

interface Explained {
  readonly eventId: string
  readonly status: string
  readonly baseValue: number
  readonly modelOutput: number
  readonly contributions: readonly { readonly contribution: number }[]
  readonly reasons: readonly unknown[]
}

interface Quarantined {
  readonly code: string
  readonly stage: string
  readonly value: Buffer
  readonly offset: number
}

test('explains every simulated loan decision exactly once and in order, and sets three bad records aside', async () => {
  const bundles = await bundlesDirectory()
  await cp(loanBundle, join(bundles, 'loan-xgboost'), { recursive: true })
  const model = { name: 'loan-xgboost', version: '1.0.0' }
  await expectExactlyOnce(
    bundles,
    [...simulateApplications({ seed: 5, count: 3000 })].map(({ features }, k) => toDecision(k, model, features)),
  )
})

test(
  'explains the 30,000 Taiwan decisions exactly once and in order, and sets three bad records aside',
  longTest,
  async (context) => {
    if (noGolden !== undefined) return context.skip(noGolden)
    if (!existsSync(dataDir)) return context.skip('no raw data here: set RAISON_DATA_DIR')
    const bundles = await bundlesDirectory()
    const bundle = await writeGoldenBundle({ dataset: 'taiwan', model: 'xgb100d4', reference: 'bg100' })
    await rename(bundle, join(bundles, 'taiwan'))
    const { columns, rows } = readTable(join(dataDir, 'UCI_Credit_Card.csv'))
    const features = columns.filter((name) => name !== 'ID' && name !== 'class')
    const model = { name: 'taiwan-xgb100d4', version: '1' }
    expect(rows).toHaveLength(30_000)
    await expectExactlyOnce(
      bundles,
      rows.map((row, k) =>
        toDecision(k, model, Object.fromEntries(features.map((name) => [name, row[columns.indexOf(name)]!]))),
      ),
    )
  },
)

async function bundlesDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

async function expectExactlyOnce(bundles: string, decisions: readonly ScoredDecision[]): Promise<void> {
  const brokers = inject('kafkaBrokers').split(',')
  const registryUrl = inject('schemaRegistryUrl')
  const topics = await createTestTopics(brokers, { decisions: 4, explained: 4, quarantined: 1 })
  const encode = createDecisionEncoder(await registerSchemas({ url: registryUrl }, { decisions: topics.decisions }))
  const good = decisions.map((decision) => ({ key: decision.decisionId, value: encode(decision) }))
  const bad = badRecords(decisions[0]!, encode)
  const group = `test-${topics.decisions}`
  const explainer = await startExplainer({ brokers, registryUrl, bundles, group, topics })
  await sendRecords(brokers, topics.decisions, [...good.slice(0, 1000), ...bad, ...good.slice(1000)])
  await Promise.race([waitUntilConsumed(brokers, group, topics.decisions), explainer.failed])
  expect(await explainer.stop(), explainer.log()).toBe(0)

  // An independent reader: the registry alone says how the bytes are read.
  const registry = new SchemaRegistry({ host: registryUrl })
  const records = await readRecords(brokers, topics.explained)
  const explained = (await Promise.all(records.map(({ value }) => registry.decode(value!)))) as Explained[]
  expect(explained).toHaveLength(decisions.length)
  const eventIds = (events: readonly { eventId: string }[]): string[] => events.map(({ eventId }) => eventId).toSorted()
  expect(eventIds(explained)).toEqual(eventIds(decisions))
  expect(outOfOrder(records)).toEqual([])
  expect(explained.filter((explanation) => !isWhole(explanation))).toEqual([])

  const aside = (await Promise.all(
    (await readRecords(brokers, topics.quarantined)).map(({ value }) => registry.decode(value!)),
  )) as Quarantined[]
  expect(aside.map(({ code }) => code).toSorted()).toEqual(['EVENT_NOT_AVRO', 'FEATURE_MISSING', 'SCHEMA_UNKNOWN'])
  const bytes = (buffers: readonly Buffer[]): string[] => buffers.map((buffer) => buffer.toString('hex')).toSorted()
  expect(bytes(aside.map(({ value }) => value))).toEqual(bytes(bad.map(({ value }) => value)))
}

function toDecision(k: number, model: ScoredDecision['model'], features: ScoredDecision['features']): ScoredDecision {
  const decidedAt = '2026-11-22T10:00:00.000Z'
  return {
    eventId: `event-${k}`,
    decisionId: `decision-${k}`,
    decidedAt,
    model,
    features,
    score: undefined,
    outcome: undefined,
  }
}

/** Malformed bytes, a schema nobody registered, and a decision without one of its features. */
function badRecords(decision: ScoredDecision, encode: (decision: ScoredDecision) => Buffer): InputRecord[] {
  const unknownSchema = encode(decision)
  unknownSchema.writeInt32BE(2_000_000_000, 1)
  const features = Object.fromEntries(Object.entries(decision.features).slice(1))
  return [
    { key: 'malformed', value: Buffer.from('{"not":"avro"}') },
    { key: 'unknown-schema', value: Buffer.from(unknownSchema) },
    { key: 'missing-feature', value: encode({ ...decision, eventId: 'missing-feature', features }) },
  ]
}

/** Within an output partition, the records of each source partition lie in the order of their source offsets; these do not. */
function outOfOrder(records: readonly ReadMessage[]): ReadMessage[] {
  const last = new Map<string, number>()
  return records.filter(({ partition, headers }) => {
    const [, sourcePartition, offset] = String(headers!['raison-source']).split('/')
    const lane = `${sourcePartition} to ${partition}`
    const inOrder = Number(offset) > (last.get(lane) ?? -1)
    last.set(lane, Number(offset))
    return !inOrder
  })
}

function isWhole({ status, baseValue, modelOutput, contributions, reasons }: Explained): boolean {
  const sum = contributions.reduce((total, { contribution }) => total + contribution, baseValue)
  return ['OK', 'REVIEW_REQUIRED'].includes(status) && reasons.length <= 4 && Math.abs(sum - modelOutput) < 1e-6
}
