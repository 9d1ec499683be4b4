import { parseArgs } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { createDecisionEncoder, registerSchemas, topicNames, type ScoredDecision } from '@raison/events'
import { openBundle, type OpenedBundle } from '@raison/explaining'
import { driftScenarioNames, simulateApplications, type DriftScenarioName } from '@raison/loan-demo'

// The bank's scoring service, for the demo: simulated applications, scored by the bundle's own model, published.
const { values } = parseArgs({
  options: {
    bundle: { type: 'string' },
    decisions: { type: 'string' },
    rate: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    'drift-start': { type: 'string', default: '0' },
  },
})

const scenario = values.scenario === undefined ? undefined : knownScenario(values.scenario)
const opened = await openBundle(values.bundle ?? fail('--bundle DIR is missing'))
const brokers = process.env['KAFKA_BROKERS'] ?? fail('KAFKA_BROKERS is missing')
const topic = process.env['RAISON_TOPIC_DECISIONS'] ?? topicNames.decisions
const registry = { url: process.env['SCHEMA_REGISTRY_URL'] ?? fail('SCHEMA_REGISTRY_URL is missing') }
const producer = new Kafka({
  clientId: 'raison-decision-feed',
  brokers: brokers.split(','),
  logLevel: logLevel.NOTHING,
}).producer({ idempotent: true, maxInFlightRequests: 1 })

let stopping = false
process.once('SIGTERM', () => (stopping = true))
if (process.env['RAISON_STOP_WITH_STDIN'] === '1') process.stdin.resume().once('end', () => (stopping = true))

await producer.connect()
const encode = createDecisionEncoder(await registerSchemas(registry, { decisions: topic }))
for await (const decision of scoredDecisions()) {
  if (stopping) break
  await producer.send({
    topic,
    messages: [{ key: decision.decisionId, value: encode(decision) }],
  })
  await pause(1000 / Number(values.rate))
}
await producer.disconnect()
await opened.close()
process.stdin.destroy()

async function* scoredDecisions(): AsyncGenerator<ScoredDecision> {
  const count = values.decisions === undefined ? Number.MAX_SAFE_INTEGER : Number(values.decisions)
  let number = 0
  const drift = scenario === undefined ? {} : { scenario, driftStart: Number(values['drift-start']) }
  for (const { features } of simulateApplications({ seed: Number(values.seed), count, ...drift })) {
    number += 1
    yield await scored(opened, features, `LOAN-${String(number).padStart(6, '0')}`)
  }
}

async function scored(
  { bundle, model }: OpenedBundle,
  features: ScoredDecision['features'],
  decisionId: string,
): Promise<ScoredDecision> {
  const row = Float32Array.from(bundle.features, ({ name }) => Number(features[name] ?? Number.NaN))
  const [score] = await model.score(row, 1)
  const declined =
    bundle.decision.adverse === 'high' ? score! >= bundle.decision.cutoff : score! <= bundle.decision.cutoff
  return {
    eventId: `${decisionId}-1`,
    decisionId,
    decidedAt: new Date().toISOString(),
    model: { name: bundle.model.name, version: bundle.model.version },
    features,
    score,
    outcome: declined ? 'DECLINED' : 'APPROVED',
  }
}

function knownScenario(name: string): DriftScenarioName {
  const known = driftScenarioNames.find((candidate) => candidate === name)
  return known ?? fail(`there is no scenario ${name}: one of ${driftScenarioNames.join(', ')}`)
}

function fail(message: string): never {
  process.stderr.write(`decision-feed: ${message}\n`)
  process.exit(2)
}
