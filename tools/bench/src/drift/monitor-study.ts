import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createExplanationDecoder, createExplanationEncoder, registerSchemas } from '@raison/events'
import { freePort, startPlatform } from '@raison/local-platform'
import { startChild, type Child } from '../child.ts'
import { encodeDecisions } from '../encode-decisions.ts'
import { startAtTopSpeed, startExplainer, withProcesses } from '../line-processes.ts'
import { openTopics, type InputRecord, type Topics } from '../line-topics.ts'
import { machine } from '../machine.ts'
import { root } from '../places.ts'
import { report, writeSection } from '../report-section.ts'
import { timeProcesses } from '../time-processes.ts'
import { describeMonitors, type MonitorRun, type MonitorSample } from './monitor-report.ts'

// `npm run bench:monitor`: what one drift monitor takes of explanations that lie ready, and two, beside the explainer's top speed in the
// same run; writes a section of docs/benchmarks.md.
const { values } = parseArgs({ options: { decisions: { type: 'string', default: '2000000' } } })
const decisions = Number(values.decisions)
const bundleName = 'loan-xgboost'
const partitions = 4
/** Different explanations; they come again and again, with other ids. */
const distinct = 20_000
const sampleMs = 2000
/** Of the explainer, each after a third as many to warm up. */
const timedDecisions = 180_000
/** Ids, of a partition: few, so that the memory of them is full soon, and what grows beside it is seen. */
const mostRemembered = 10_000

type Monitor = Child & { readonly metrics: string }
type Servers = { readonly brokers: readonly string[]; readonly registryUrl: string }

const platform = await startPlatform({ say: (line) => console.error(line), env: process.env })
const directory = await mkdtemp(join(tmpdir(), 'raison-monitor-'))
try {
  const bundle = join(directory, 'bundles', bundleName)
  await cp(join(root, 'examples/loan-demo/bundles', bundleName), bundle, { recursive: true })
  const topics = await openTopics(platform.brokers)
  const name = `raison-monitor-${process.pid}`
  const records = await encodeDecisions(bundle, platform.registryUrl, name, timedDecisions)
  const warmUp = records.slice(0, timedDecisions / 3)
  const some = records.slice(0, distinct)
  const line = { topics, registryUrl: platform.registryUrl, directory, partitions, profile: undefined }
  await withProcesses(line, startExplainer(), 1, name, async (input, output) => {
    await topics.send(input, partitions, some)
    await topics.consumed(output, input, partitions, distinct)
  })
  const again = `${name}.again`
  await topics.create(again, partitions)
  const withIdsFrom = await withOtherIds(platform, again, await topics.readValues(`${name}.out`))
  for (let sent = 0; sent < decisions; sent += distinct) await topics.send(again, partitions, withIdsFrom(sent))
  console.error(`${decisions} explanations lie ready`)
  const runs: MonitorRun[] = []
  const explained: number[] = []
  for (const count of [1, 2]) {
    runs.push(await timeMonitors(count, `${name}.${count}`, again, topics, platform))
    const explainer = { start: startAtTopSpeed, instances: 1, name: `${name}.top.${count}`, isCopy: false }
    const { rate } = await timeProcesses({ line, ...explainer, warmUp, records })
    explained.push(rate)
    console.error(`the explainer at its top speed: ${Math.round(rate)} decisions/s`)
  }
  await topics.close()
  writeSection(describeMonitors(machine(), bundleName, runs, explained), 'monitor')
  console.log(`Wrote ${report}`)
} finally {
  await rm(directory, { recursive: true, force: true })
  await platform.stop()
}

/** So many monitors of one group, until all explanations have been counted and the windows of them combined. */
async function timeMonitors(
  count: number,
  name: string,
  explained: string,
  topics: Topics,
  { brokers, registryUrl }: Servers,
): Promise<MonitorRun> {
  const monitored = {
    explained,
    windows: `${name}.windows`,
    windowsState: `${name}.windows.state`,
    drift: `${name}.drift`,
    driftState: `${name}.drift.state`,
  }
  for (const topic of [monitored.windows, monitored.drift]) await topics.create(topic, partitions)
  for (const topic of [monitored.windowsState, monitored.driftState]) await topics.create(topic, partitions, 'compact')
  const settings = {
    kafka: { brokers },
    registry: { url: registryUrl },
    group: name,
    topics: monitored,
    mostRemembered,
  }
  const monitors: Monitor[] = []
  try {
    for (let k = 0; k < count; k++) monitors.push(await startMonitor(settings, join(directory, `${name}.${k}.json`)))
    return { monitors: count, samples: await watch(monitors) }
  } finally {
    await Promise.all(monitors.map((monitor) => monitor.stop()))
  }
}

/** Explanations made anew would have other ids too, and take most of the time. */
async function withOtherIds(
  { registryUrl }: Servers,
  topic: string,
  values: readonly Buffer[],
): Promise<(from: number) => InputRecord[]> {
  const registry = { url: registryUrl }
  const decode = createExplanationDecoder(registry)
  const encode = createExplanationEncoder(await registerSchemas(registry, { explained: topic }))
  const explanations = await Promise.all(values.map(async (value) => decode(value)))
  return (from) =>
    explanations.map((explanation, k) => {
      const explanationId = `${explanation.explanationId}-${from + k}`
      return { key: explanation.decisionId, value: encode({ ...explanation, explanationId }) }
    })
}

async function startMonitor(settings: object, config: string): Promise<Monitor> {
  const port = await freePort()
  await writeFile(config, JSON.stringify({ ...settings, health: { port } }))
  const child = startChild([join(root, 'services/drift-monitor/src/main.ts')], { RAISON_CONFIG: config })
  return { ...child, metrics: `http://127.0.0.1:${port}/metrics` }
}

async function watch(monitors: readonly Monitor[]): Promise<MonitorSample[]> {
  const samples: MonitorSample[] = []
  for (;;) {
    const each = await Promise.all(monitors.map(look))
    const counted = each.map((one) => one.counted)
    const sample = {
      at: performance.now() / 1000,
      decisions: sum(counted),
      everyone: counted.every((number) => number > 0),
      processorSeconds: sum(each.map((one) => one.processorSeconds)),
      bytes: sum(each.map((one) => one.bytes)),
    }
    samples.push(sample)
    const megabytes = Math.round(sample.bytes / 1e6)
    console.error(
      `${sample.decisions} explanations (${counted.join(' + ')}), ${sample.processorSeconds} s of processor time, ${megabytes} MB`,
    )
    const lags = each.flatMap((one) => one.lags)
    if (sample.decisions >= decisions && lags.length > 0 && lags.every((lag) => lag === 0)) return samples
    await pause(sampleMs)
  }
}

/** What a monitor says of itself, and the system of it. */
async function look({ metrics: address, pid }: Monitor) {
  const metrics = await fetch(address).then(
    (response) => response.text(),
    () => '',
  )
  const [seconds, kilobytes] = execFileSync('ps', ['-o', 'cputimes=,rss=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number) as [number, number]
  return {
    counted: Number(/^raison_drift_explanations_total\{outcome="counted"\} (\d+)/m.exec(metrics)?.[1] ?? 0),
    lags: [...metrics.matchAll(/^raison_consumer_lag\{.*\} (\d+)$/gm)].map(([, lag]) => Number(lag)),
    processorSeconds: seconds,
    bytes: 1024 * kilobytes,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
