import { parseArgs } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { openBundle } from '@raison/explaining'
import {
  driftScenarioNames,
  scoreApplications,
  simulateApplications,
  type DriftScenarioName,
  type LoanDecision,
} from '@raison/loan-demo'
import { readCluster, readTopics, type Cluster } from '@raison/service-kit'
import { missingRight, toClientConfig } from '@raison/stream-runtime'

// The bank's scoring service, for the demo: simulated applications, scored by the bundle's own model, published.
const usage = `Simulated loan decisions, to decisions.scored or the topic that RAISON_TOPIC_DECISIONS names.

npm run loans:feed -- --bundle examples/loan-demo/bundles/loan-xgboost --decisions 100 --rate 20

  --bundle DIR       whose model scores
  --decisions N      how many (no end)
  --rate N           a second at the most (2)
  --seed N           the same seed gives the same applications (1)
  --scenario NAME    with drift: ${driftScenarioNames.join(', ')}
  --drift-start N    decisions before it begins (0)
`
const values = readOptions()
const scenario = values.scenario === undefined ? undefined : knownScenario(values.scenario)
const { kafka, registry, topic } = readConfig()
const [rate, seed, driftStart] = [number('rate'), number('seed'), number('drift-start')]
const count = values.decisions === undefined ? Number.MAX_SAFE_INTEGER : number('decisions')
if (scenario === undefined && driftStart > 0) fail('--drift-start goes with --scenario')
const opened = await openBundle(values.bundle ?? fail('--bundle DIR is missing')).catch(fail)
const client = new Kafka({ ...toClientConfig(kafka), logLevel: logLevel.NOTHING })
const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })

let stopping = false
let sent = 0
process.once('SIGTERM', () => (stopping = true))
if (process.env['RAISON_STOP_WITH_STDIN'] === '1') process.stdin.resume().once('end', () => (stopping = true))

await producer.connect().catch(fail)
const encode = createDecisionEncoder(await registerSchemas(registry, { decisions: topic }).catch(fail))
for await (const decision of scoredDecisions()) {
  if (stopping) break
  await producer
    .send({ topic, messages: [{ key: decision.decisionId, value: encode(decision) }] })
    .catch((error: Error) => fail(missingRight(error, `writing to ${topic}`) ?? error))
  sent += 1
  if (sent % 1000 === 0) say()
  await pause(1000 / rate)
}
if (sent % 1000 !== 0) say()
await producer.disconnect()
await opened.close()
process.stdin.destroy()

function say(): void {
  process.stderr.write(`decision-feed: ${sent.toLocaleString('en')} sent to ${topic}\n`)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        bundle: { type: 'string' },
        decisions: { type: 'string' },
        rate: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
        scenario: { type: 'string' },
        'drift-start': { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help !== true) return values
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`)
  }
  process.stdout.write(usage)
  process.exit(0)
}

function readConfig(): Cluster & { readonly topic: string } {
  try {
    return { ...readCluster(process.env), topic: readTopics(process.env).decisions }
  } catch (error) {
    return fail((error as Error).message)
  }
}

async function* scoredDecisions(): AsyncGenerator<LoanDecision> {
  const drift = scenario === undefined ? {} : { scenario, driftStart }
  let first = 0
  for (const application of simulateApplications({ seed, count, ...drift })) {
    first += 1
    yield* await scoreApplications(opened, [application], { first, decidedAt: new Date().toISOString() })
  }
}

function knownScenario(name: string): DriftScenarioName {
  const known = driftScenarioNames.find((candidate) => candidate === name)
  return known ?? fail(`there is no scenario ${name}: one of ${driftScenarioNames.join(', ')}`)
}

/** An option that is a number: 0 or more, and the rate above that. */
function number(name: 'decisions' | 'rate' | 'seed' | 'drift-start'): number {
  const value = Number(values[name])
  if (Number.isFinite(value) && (name === 'rate' ? value > 0 : Number.isInteger(value) && value >= 0)) return value
  return fail(`--${name} is ${name === 'rate' ? 'a number above 0' : 'a whole number'}, not ${values[name]}`)
}

function fail(reason: string | Error): never {
  process.stderr.write(`decision-feed: ${reason instanceof Error ? reason.message : reason}\n`)
  process.exit(2)
}
