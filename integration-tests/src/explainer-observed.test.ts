import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDecisionEncoder, registerSchemas, type ScoredDecision } from '@raison/events'
import { simulateApplications } from '@raison/loan-demo'
import type { Health } from '@raison/stream-runtime'
import { createTestTopics } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startExplainer } from './run-explainer.ts'
import { sendRecords, waitUntilConsumed } from './stream-input.ts'
import { readRecords } from './read-records.ts'

const loanBundle = fileURLToPath(new URL('../../examples/loan-demo/bundles/loan-xgboost', import.meta.url))
const model = { name: 'loan-xgboost', version: '1.0.0' }
/** A value that nothing but the events may hold. */
const marker = 7131719

test('traces go on from decision to explanation and quarantine, problems are told in the health, values in neither', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const registryUrl = inject('schemaRegistryUrl')
  const bundles = await bundlesWithABrokenOne()
  const topics = await createTestTopics(brokers, { decisions: 2, explained: 2, quarantined: 1 })
  const encode = createDecisionEncoder(await registerSchemas({ url: registryUrl }, { decisions: topics.decisions }))
  const decisions = [...simulateApplications({ seed: 5, count: 20 })].map(({ features }, k) => toDecision(k, features))
  const group = `test-${topics.decisions}`
  const collector = await openCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  const explainer = await startExplainer({ brokers, registryUrl, bundles, group, topics, env })
  await sendRecords(
    brokers,
    topics.decisions,
    decisions.map((decision, k) => ({
      key: decision.decisionId,
      value: encode(decision),
      headers: { traceparent: parentOf(k), tracestate: `bank=${k}` },
    })),
  )
  await Promise.race([waitUntilConsumed(brokers, group, topics.decisions), explainer.failed])

  const [status, health] = await readiness(explainer.log())
  expect([status, health.ready]).toEqual([200, true])
  expect(health.partitions.map(({ lag }) => lag)).toEqual([0, 0])
  expect(health.problems.map(({ code }) => code).toSorted()).toEqual(['BUNDLE_REFUSED', 'MODEL_UNKNOWN'])
  const metrics = await (await fetch(metricsOf(explainer.log()))).text()
  expect(samplesOf(metrics, 'raison_decisions_total', /code="MODEL_UNKNOWN"/)).toEqual([1])
  expect(samplesOf(metrics, 'raison_decisions_total', /outcome="explained"/)).toEqual([18])
  expect(samplesOf(metrics, 'raison_explain_duration_count', /method="exact-trees"/)).toEqual([18])
  expect(samplesOf(metrics, 'raison_consumer_lag', /partition/)).toEqual([0, 0])
  expect(alertedMetrics().filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([...onlyWhenItHappens])
  expect(await explainer.stop(), explainer.log()).toBe(0)

  const spans = collector
    .bodies()
    .flatMap(({ resourceSpans }) => resourceSpans ?? [])
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
  expect(new Set(spans.map(({ name }) => name))).toEqual(new Set([`process ${topics.decisions}`]))
  const links = spans.flatMap(({ links = [] }) => links.map(({ traceId }) => traceId))
  expect(links.toSorted()).toEqual(decisions.map((_, k) => parentOf(k).split('-')[1]).toSorted())

  const explained = await readRecords(brokers, topics.explained)
  const aside = await readRecords(brokers, topics.quarantined)
  expect([explained.length, aside.length]).toEqual([18, 2])
  const traces = [...explained, ...aside].map(({ headers }) => `${headers!['traceparent']} ${headers!['tracestate']}`)
  expect(traces.toSorted()).toEqual(decisions.map((_, k) => `${parentOf(k)} bank=${k}`).toSorted())
  const told = explainer.log() + JSON.stringify(health) + metrics + JSON.stringify(collector.bodies())
  expect(told).not.toContain(String(marker))
})

async function bundlesWithABrokenOne(): Promise<string> {
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  await cp(loanBundle, join(bundles, 'loan-xgboost'), { recursive: true })
  await mkdir(join(bundles, 'broken'))
  await writeFile(join(bundles, 'broken', 'bundle.yaml'), 'model: {}\n')
  return bundles
}

/** The first is of a model without bundle, the second has a text where the model wants a number, the third is plainly marked. */
function toDecision(k: number, features: ScoredDecision['features']): ScoredDecision {
  const [first] = Object.keys(features).filter((name) => typeof features[name] === 'number')
  const marked: Record<number, string | number> = { 1: `text ${marker}`, 2: marker }
  return {
    eventId: `event-${k}`,
    decisionId: `decision-${k}`,
    decidedAt: '2026-11-22T10:00:00.000Z',
    model: k === 0 ? { name: 'elsewhere', version: '1' } : model,
    features: { ...features, ...(marked[k] !== undefined && { [first!]: marked[k] }) },
    score: undefined,
    outcome: undefined,
  }
}

const parentOf = (k: number): string => `00-${'a'.repeat(30)}${k + 10}-00f067aa0ba902b7-01`

/** Positions are committed a moment before the health says so. */
async function readiness(log: string): Promise<readonly [number, Health]> {
  const url = /http:[^"]+\/health\/ready/.exec(log)![0]
  for (;;) {
    const response = await fetch(url)
    const health = (await response.json()) as Health
    if (health.partitions.every(({ inWork, lag }) => inWork === undefined && lag === 0))
      return [response.status, health]
    await pause(50)
  }
}

/** What an OpenTelemetry collector is sent, as far as it is looked at here. */
interface Body {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly { readonly name: string; readonly links?: readonly { readonly traceId: string }[] }[]
    }[]
  }[]
}

async function openCollector(): Promise<{ readonly url: string; bodies(): readonly Body[] }> {
  const bodies: Body[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (request.url === '/v1/traces') bodies.push(JSON.parse(body) as Body)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies: () => bodies }
}

const metricsOf = (log: string): string => /http:[^"]+(?=\/health\/ready)/.exec(log)![0] + '/metrics'

/** The values of a metric, of all its series whose labels match. */
function samplesOf(metrics: string, name: string, labels: RegExp): number[] {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`) && labels.test(line))
  return lines.map((line) => Number(/ (\S+)(?: \d+)?$/.exec(line.slice(line.lastIndexOf('}')))![1]))
}

const onlyWhenItHappens = ['raison_explanations_degraded_total']

/** Of the alert rules. */
function alertedMetrics(): string[] {
  const rules = readFileSync(new URL('../../deploy/prometheus/raison-explainer.rules.yaml', import.meta.url), 'utf8')
  return [...new Set(rules.match(/\braison_[a-z_]+/g))]
}
