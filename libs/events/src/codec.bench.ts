/**
 * Microseconds per record of our codecs beside those of @kafkajs/confluent-schema-registry, in alternating order:
 *   node src/codec.bench.ts [rounds]
 * Both know the schema before the clock starts. Ours answers typed events and checks counts and identity, the peer avsc's records.
 */
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createDecisionDecoder,
  createDecisionEncoder,
  createExplanationDecoder,
  createExplanationEncoder,
  createMonitoredDecoder,
  type Decode,
  type Encode,
} from './codecs.ts'
import type { ScoredDecision } from './decision.ts'
import type { Contribution, DecisionExplanation, ExplanationReason } from './explanation.ts'
import { schemaText } from './schemas.ts'

type Work = () => void | Promise<void>

const rounds = Number(process.argv[2] ?? 31)
const eventCount = 1000
const ids = { decisions: 1, explained: 2 }
const server = createServer((question, answer) =>
  answer
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ schema: schemaText(question.url!.endsWith('/1') ? 'decisions' : 'explained') })),
).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const peer = new SchemaRegistry({ host: url })

const decisions = Array.from({ length: eventCount }, (_, k) => decisionOf(k))
const explanations = decisions.map(explanationOf)
await compare('ScoredDecision', 1, decisions, createDecisionEncoder(ids), createDecisionDecoder({ url }))
await compare('DecisionExplanation', 2, explanations, createExplanationEncoder(ids), createExplanationDecoder({ url }))
await compareMonitored(explanations.map(createExplanationEncoder(ids)))
server.close()

async function compare<T>(
  name: string,
  id: number,
  events: readonly T[],
  encode: Encode<T>,
  decode: Decode<T>,
): Promise<void> {
  const records = events.map(encode)
  const size = Math.round(records.reduce((sum, record) => sum + record.length, 0) / records.length)
  await report(
    `${name} (${size} bytes), encode`,
    () => events.forEach(encode),
    async () => {
      for (const event of events) await peer.encode(id, event)
    },
  )
  await report(
    `${name} (${size} bytes), decode`,
    async () => {
      for (const record of records) {
        const event = decode(record)
        if (event instanceof Promise) await event
      }
    },
    async () => {
      for (const record of records) await peer.decode(record)
    },
  )
}

/** The peer: all of the explanation, by our own decoder. */
async function compareMonitored(records: readonly Buffer[]): Promise<void> {
  const [watched, whole] = [createMonitoredDecoder({ url }), createExplanationDecoder({ url })]
  for (const decode of [watched, whole]) await decode(records[0]!)
  await report(
    'MonitoredExplanation, decode',
    () => records.forEach((record) => void watched(record)),
    () => records.forEach((record) => void whole(record)),
  )
}

async function report(name: string, ours: Work, theirs: Work): Promise<void> {
  const times: [number[], number[]] = [[], []]
  for (let round = -5; round < rounds; round++)
    for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const begin = performance.now()
      await (side === 0 ? ours() : theirs())
      if (round >= 0) times[side].push(((performance.now() - begin) * 1000) / eventCount)
    }
  const [our, their] = times.map((side) => side.toSorted((a, b) => a - b)[side.length >> 1]!) as [number, number]
  const ratios = times[0].map((time, k) => times[1][k]! / time).toSorted((a, b) => a - b)
  process.stdout.write(
    `${name}: ${our.toFixed(2)} µs, peer ${their.toFixed(2)} µs; ${ratios[rounds >> 1]!.toFixed(2)} times as fast ` +
      `(${ratios[0]!.toFixed(2)} to ${ratios.at(-1)!.toFixed(2)})\n`,
  )
}

function decisionOf(k: number): ScoredDecision {
  const features = Array.from({ length: 23 }, (_, i) => [`FEATURE_${i}`, i % 5 === 4 ? null : (k * 31 + i * 17) / 7])
  return {
    eventId: `event-${k}`,
    decisionId: `decision-${k}`,
    decidedAt: '2026-11-22T10:00:00.000Z',
    model: { name: 'taiwan-default', version: '2026-11-01' },
    features: Object.fromEntries(features) as ScoredDecision['features'],
    score: k / 100,
    outcome: 'DECLINED',
  }
}

function explanationOf({ eventId, decisionId, decidedAt, model, features }: ScoredDecision): DecisionExplanation {
  const sha256 = 'a'.repeat(64)
  const contributions = Object.entries(features).map(([feature, value], i): Contribution => {
    return { feature, value, contribution: Math.sin(i), interval: undefined }
  })
  return {
    explanationId: sha256,
    eventId,
    decisionId,
    decidedAt,
    explainedAt: decidedAt,
    status: 'OK',
    reviewReasons: [],
    outcome: 'DECLINED',
    score: 0.61,
    space: 'log-odds',
    cutoff: 0.35,
    adverse: 'high',
    model: { ...model, sha256 },
    reference: { population: 'just-above-cutoff', sha256, rows: 100 },
    catalogueVersion: sha256,
    policyVersion: '1',
    method: 'exact-trees',
    budget: { rows: 0, seed: '' },
    inputHash: sha256,
    artefactSha256: undefined,
    softwareVersion: '0.1.0',
    baseValue: -0.8,
    modelOutput: 0.4,
    contributions,
    contributionsCut: false,
    quality: {
      additivityGap: 1e-12,
      scoreParityGap: 1e-8,
      surrogateFidelity: undefined,
      topSettled: true,
      degraded: false,
    },
    reasons: contributions.slice(0, 4).map(reasonOf),
  }
}

function reasonOf({ feature, contribution, value }: Contribution, k: number): ExplanationReason {
  return {
    code: feature,
    rank: k + 1,
    direction: 'above',
    contribution,
    interval: undefined,
    share: 0.2,
    features: [feature],
    value: value as number,
    referenceValue: 1.5,
    texts: {
      en: 'The balance is higher than that of comparable applicants.',
      fr: 'Le solde est plus élevé que celui des demandeurs comparables.',
    },
    actionable: true,
    tieBroken: false,
  }
}
