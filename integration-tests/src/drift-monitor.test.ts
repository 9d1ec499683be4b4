import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { createDriftSignalDecoder, type DriftSignal } from '@raison/events'
import type { Health } from '@raison/stream-runtime'
import { createTestTopics } from '@raison/test-kit'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { driftingExplanations, smallWindows } from './drifting-explanations.ts'
import { jsonLines, platformEnvironment, runRaison } from './run-raison.ts'
import { startDriftMonitor, type MonitorTopics, type RunningMonitor } from './run-drift-monitor.ts'
import { sendRecords, waitUntilConsumed, type InputRecord } from './stream-input.ts'
import { readRecords } from './read-records.ts'

const brokers = inject('kafkaBrokers').split(',')
const registryUrl = inject('schemaRegistryUrl')
const partitions = 4
const more = smallWindows

describe('the drift monitor', () => {
  // Eight monitors start, most of them one after another: on two busy cores more than a minute.
  test(
    'raises the same alarms, byte for byte, by one, two or four of them, killed and rebalanced',
    { timeout: 180_000 },
    async () => {
      const records = await driftingExplanations(registryUrl, 'decisions.explained')
      const one = await watched(records, async (start) => [await start()])
      const two = await watched(records, async (start) => {
        const [first, second] = [await start(), await start()]
        await pause(2500)
        await first.kill()
        return [second, await start()]
      })
      const four = await watched(records, async (start) => {
        const monitors = await Promise.all([start(), start(), start(), start()])
        await pause(3000)
        await monitors[1]!.stop()
        await pause(500)
        await monitors[2]!.kill()
        return [monitors[0]!, monitors[3]!]
      })
      expect(one.signals.map(({ state, slice }) => [state, slice])).toEqual([['raised', '']])
      const [alarm] = one.signals
      expect(alarm!.changes[0]).toMatchObject({ feature: 'income', direction: 'up', sinceWindow: 30 })
      expect(alarm!.window).toBe(30)
      expect(alarm!.since).toBe('2026-11-01T00:40:00.000Z')
      expect(two.bytes).toEqual(one.bytes)
      expect(four.bytes).toEqual(one.bytes)
    },
  )

  test('tells its metrics, its health and a webhook that was away, and passes over what is no explanation', async () => {
    const topics = await createMonitorTopics()
    const webhook = await openWebhook()
    const link = 'https://console.example/{model}/{window}'
    const slices = [{ name: 'branch', feature: 'chanel', equals: 'branch' }]
    const start = () => startDriftMonitor(settingsOf(topics, { ...more, link, slices, webhook: { url: webhook.url } }))
    const monitor = await start()
    const records = await driftingExplanations(registryUrl, topics.explained)
    await sendRecords(brokers, topics.explained, [{ key: 'broken', value: Buffer.from('no Avro') }, ...records])
    await sendRecords(brokers, topics.explained, records.slice(0, 100))
    await settled(topics)

    while (webhook.bodies().length === 0) await pause(50)
    expect(webhook.refused()).toBe(webhookRefuses)
    const says = { state: 'raised', modelName: 'loans', link: 'https://console.example/loans/30' }
    expect(webhook.bodies()).toMatchObject([says])

    const health = await healthOf(monitor)
    expect([health.ready, health.problems]).toEqual([true, []])
    const metrics = await metricsOf(monitor)
    const explained = /^raison_drift_explanations_total\{outcome="(.+?)"\} (\d+)/gm
    expect(
      Object.fromEntries([...metrics.matchAll(explained)].map(([, outcome, count]) => [outcome, Number(count)])),
    ).toEqual({ counted: records.length, duplicate: 100, late: 0, EVENT_NOT_AVRO: 1 })
    expect(metrics).toMatch(/^raison_drift_alarm\{.*state="raised".*model="loans".*feature="income".*\} 1/m)
    const rules = readFileSync(
      new URL('../../deploy/prometheus/raison-drift-monitor.rules.yaml', import.meta.url),
      'utf8',
    )
    for (const name of new Set(rules.match(/\braison_[a-z_]+/g))) expect(metrics).toContain(`# TYPE ${name} `)
    expect(metrics).toMatch(/^raison_drift_importance\{.*feature="âge".*\} /m)

    const [alarm] = webhook.bodies()
    const raison = (...args: string[]) =>
      runRaison(['drift', ...args, '--topic', topics.drift], '', platformEnvironment())
    const listed = await raison('alarms')
    expect(listed.stdout).toMatch(
      /^\w+-30  raised  critical  loans 1  since window 30 \(2026-11-01T00:40:00\.000Z\), raised in 30/,
    )
    expect(listed.stdout).toMatch(/↑ income {2}share of all contribution {2}0\.\d+ → 0\.\d+\n/)
    const say = (...args: string[]) => raison(...args, '--windows-topic', topics.windows, '--by', 'an analyst')
    expect((await say('ack', 'another')).stderr).toContain('ALARM_UNKNOWN')
    expect((await say('ack', alarm!.alarmId, '--note', 'a new tariff')).status).toBe(0)
    await settled(topics)
    const [acknowledged] = jsonLines<DriftSignal>((await raison('alarms', '--json')).stdout)
    expect(acknowledged).toMatchObject({ alarmId: alarm!.alarmId, state: 'acknowledged', note: 'a new tariff' })
    expect((await raison('alarms')).stdout).toMatch(/\n {4}by an analyst at 2\d{3}-\d\d-\d\dT\S+Z\n {4}a new tariff\n/)
    expect((await say('clear', alarm!.alarmId)).status).toBe(0)
    await settled(topics)
    expect((await raison('alarms', '--model', 'loans')).stdout).toBe('')
    expect((await say('clear', alarm!.alarmId)).stderr).toContain('ALARM_CLEARED: ')

    expect(await monitor.stop(), monitor.log()).toBe(0)
    expect(monitor.log()).not.toContain('decision-')
    expect(monitor.log().match(/"a slice stays empty"/g)).toHaveLength(1)
    expect(monitor.log()).toMatch(/"slice":"branch","feature":"chanel".*"features":"income, term, âge, /)
  })
})

/** All signals of a stream that is watched by the monitors that `act` starts, kills and leaves. */
async function watched(
  records: readonly InputRecord[],
  act: (start: () => Promise<RunningMonitor>) => Promise<readonly RunningMonitor[]>,
): Promise<{ readonly signals: readonly DriftSignal[]; readonly bytes: readonly string[] }> {
  const topics = await createMonitorTopics()
  await sendRecords(brokers, topics.explained, records)
  const monitors = await act(() => startDriftMonitor(settingsOf(topics, more)))
  await settled(topics)
  for (const monitor of monitors) expect(await monitor.stop(), monitor.log()).toBe(0)
  const decode = createDriftSignalDecoder({ url: registryUrl })
  const found = await readRecords(brokers, topics.drift)
  return {
    signals: await Promise.all(found.map(async ({ value }) => decode(value))),
    // After the id of the schema, which is another one in every topic.
    bytes: found.map(({ value }) => value!.subarray(5).toString('base64')),
  }
}

const createMonitorTopics = (): Promise<MonitorTopics> =>
  createTestTopics(
    brokers,
    { explained: partitions, windows: partitions, windowsState: partitions, drift: 1, driftState: partitions },
    ['windowsState', 'driftState'],
  )

function settingsOf(topics: MonitorTopics, settings: object) {
  return { brokers, registryUrl, group: `test-${topics.explained}`, topics, more: settings }
}

/** The second stage has read all that the first has written. */
async function settled(topics: MonitorTopics): Promise<void> {
  await waitUntilConsumed(brokers, `test-${topics.explained}-windows`, topics.explained)
  await waitUntilConsumed(brokers, `test-${topics.explained}-evidence`, topics.windows)
}

const addressOf = (monitor: RunningMonitor): string => /http:[^"]+(?=\/health\/ready)/.exec(monitor.log())![0]
const metricsOf = async (monitor: RunningMonitor): Promise<string> =>
  (await fetch(`${addressOf(monitor)}/metrics`)).text()

/** The webhook's position is committed a moment after its answer. */
async function healthOf(monitor: RunningMonitor): Promise<Health> {
  for (;;) {
    const health = (await (await fetch(`${addressOf(monitor)}/health/ready`)).json()) as Health
    if (health.problems.length === 0) return health
    expect(health.problems.map(({ code }) => code)).toEqual(['WEBHOOK_FAILING'])
    await pause(50)
  }
}

const webhookRefuses = 2

/** Answers 503 at first. */
async function openWebhook(): Promise<{ readonly url: string; refused(): number; bodies(): readonly DriftSignal[] }> {
  const bodies: DriftSignal[] = []
  let refused = 0
  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (refused < webhookRefuses) return (void refused++, response.writeHead(503).end())
    bodies.push(JSON.parse(body) as DriftSignal)
    return response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return { url, refused: () => refused, bodies: () => bodies }
}
