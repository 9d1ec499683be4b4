import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import { createTestTopics, readTopic } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startProgram, type Program } from './run-raison.ts'
import { sendRecords, waitUntilConsumed, type InputRecord } from './stream-input.ts'

const neuralNet = fileURLToPath(new URL('../../examples/loan-demo/bundles/loan-neural-net', import.meta.url))
const each = 60

interface Explained {
  readonly decisionId: string
  readonly method: string
  readonly artefactSha256: string | null
  readonly quality: { readonly degraded: boolean }
}

const fittedInService = /"artefact":"\w{64}".*bundle in service/

test(
  'a net is explained by sampling alone until an instance has fitted it, then by every thread and instance with its artefact',
  { timeout: 240_000 },
  async () => {
    const line = await openLine()
    const waiting = startInstance(line, { RAISON_FIT: 'off' })
    await line.send('before', each)
    const fitting = startInstance(line, { RAISON_FIT_MAX_MINUTES: '0.1', RAISON_THREADS: '2' })
    await waiting.shows(fittedInService)
    await fitting.shows(new RegExp(`${fittedInService.source}[^]*${fittedInService.source}`))
    await line.send('after', each)
    expect(await Promise.all([waiting, fitting].map(stop))).toEqual([0, 0])
    expect(fitting.stderr().match(/"msg":"fit begun"/g)).toHaveLength(1)

    const explained = await line.explained()
    const before = explained.filter(({ decisionId }) => decisionId.startsWith('before'))
    const after = explained.filter(({ decisionId }) => decisionId.startsWith('after'))
    expect([before.length, after.length]).toEqual([each, each])
    expect(kindsOf(before)).toEqual(['kernel-shap, degraded, null'])
    const [artefact, ...others] = (await readdir(join(line.bundles, 'net', 'artefacts'))) as [string]
    expect(others).toEqual([])
    expect(kindsOf(after)).toEqual([expect.stringMatching(/^kernel-shap on .*, whole, \w{64}$/)])
    expect(artefact).toContain(after[0]!.artefactSha256!.slice(0, 32))
  },
)

function kindsOf(explained: readonly Explained[]): string[] {
  const kinds = explained.map(
    ({ method, artefactSha256, quality }) => `${method}, ${quality.degraded ? 'degraded' : 'whole'}, ${artefactSha256}`,
  )
  return [...new Set(kinds)]
}

type Line = Awaited<ReturnType<typeof openLine>>

/** Topics, a directory with the net's bundle, and a way in and out. */
async function openLine() {
  const brokers = inject('kafkaBrokers').split(',')
  const registryUrl = inject('schemaRegistryUrl')
  const topics = await createTestTopics(brokers, { decisions: 4, explained: 1, quarantined: 1 })
  const encode = createDecisionEncoder(await registerSchemas({ url: registryUrl }, { decisions: topics.decisions }))
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  await cp(neuralNet, join(bundles, 'net'), { recursive: true })
  const group = `test-${topics.decisions}`
  return {
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
    },
    /** Resolves when they are explained. */
    async send(name: string, count: number): Promise<void> {
      const applications = [...simulateApplications({ seed: 5, count })]
      const records = applications.map(({ features }, k): InputRecord => {
        const decisionId = `${name}-${String(k).padStart(4, '0')}`
        const model = { name: 'loan-neural-net', version: '1.0.0' }
        const decidedAt = '2026-11-22T10:00:00.000Z'
        const rest = { score: undefined, outcome: undefined }
        return {
          key: decisionId,
          value: encode({ eventId: decisionId, decisionId, decidedAt, model, features, ...rest }),
        }
      })
      await sendRecords(brokers, topics.decisions, records)
      await waitUntilConsumed(brokers, group, topics.decisions)
    },
    async explained(): Promise<Explained[]> {
      const registry = new SchemaRegistry({ host: registryUrl })
      const records = await readTopic(brokers, topics.explained)
      expect(positionsOutOfOrder(records.map(({ headers }) => String(headers['raison-source'])))).toEqual([])
      expect(await readTopic(brokers, topics.quarantined)).toEqual([])
      return (await Promise.all(records.map(({ value }) => registry.decode(value!)))) as Explained[]
    },
  }
}

function startInstance({ env }: Line, settings: Record<string, string>): Program {
  const instance = startProgram('explainer', [], { PATH: process.env['PATH'], ...env, ...settings })
  onTestFinished(() => void instance.process.kill('SIGKILL'))
  return instance
}

function stop({ process, ended }: Program): Promise<number | null> {
  process.kill('SIGTERM')
  return ended
}

/** Source positions, `topic/partition/offset`, that do not come after the ones before them in their partition. */
function positionsOutOfOrder(positions: readonly string[]): string[] {
  const last = new Map<string, number>()
  return positions.filter((position) => {
    const [, partition, offset] = position.split('/') as [string, string, string]
    const inOrder = Number(offset) > (last.get(partition) ?? -1)
    last.set(partition, Number(offset))
    return !inOrder
  })
}
