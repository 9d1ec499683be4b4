import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPlatform } from '@raison/local-platform'
import { fitBundle, openBundle } from '@raison/explaining'
import { encodeDecisions } from './encode-decisions.ts'
import {
  startCopyOfSize,
  startAtTopSpeed,
  startExplainer,
  startPlainCopy,
  startTransactionalCopy,
  startUntunedCopy,
  withProcesses,
  type Line,
  type Start,
} from './line-processes.ts'
import { openTopics, type InputRecord, type Topics } from './line-topics.ts'
import { root } from './places.ts'
import { median } from './spread.ts'
import { settleMs, timeProcesses } from './time-processes.ts'

export interface LineOptions {
  /** 180,000 unless said, of a model that is sampled 10,000 and in the first shape alone; a third as many come before, to warm up. */
  readonly decisions: number | undefined
  /** 3 unless said, of a model that is sampled 1. */
  readonly rounds: number | undefined
  readonly bundle: string
  readonly fitMinutes: number
  /** Latencies alone. */
  readonly withoutRates: boolean
  /** Rates alone, of one process on so many partitions. */
  readonly partitions: number | undefined
  /** Where the explainer's CPU profiles go. */
  readonly profile: string | undefined
}

export interface LineResult {
  readonly bundle: string
  /** How the explanations name what was done. */
  readonly method: string
  /** Model rows of a decision at most; undefined on the exact route. */
  readonly budgetRows: number | undefined
  readonly decisions: number
  /** Of a value, the mean. */
  readonly decisionBytes: number
  readonly explanationBytes: number
  readonly rates: readonly LineRates[]
  readonly latencies: readonly LineLatency[]
}

/** Decisions per second, a value per round. */
export interface LineRates {
  readonly partitions: number
  /** Processes, of the explainer and of either copy. */
  readonly instances: number
  /** In throughput mode, compressing with zstd, on two threads. */
  readonly explainer: readonly number[]
  /** The explainer without any setting: in latency mode, not compressing. */
  readonly asItComes: readonly number[]
  readonly transactionalCopy: readonly number[]
  /** With kafkajs's own retries. */
  readonly untunedCopy: readonly number[]
  /** The transactional copy, writing values as large as explanations. */
  readonly copyOfSize: readonly number[]
  readonly plainCopy: readonly number[]
}

/** Milliseconds from the append of the decision until a consumer that reads what is committed has its explanation. */
export interface LineLatency {
  readonly partitions: number
  readonly perSecond: number
  /** A value per round. */
  readonly p50: readonly number[]
  readonly p99: readonly number[]
}

/** The route without sampling, beside which any other bundle is shown. */
const exactBundle = 'loan-xgboost'
const shapes = [
  { partitions: 4, instances: 1 },
  { partitions: 4, instances: 2 },
  { partitions: 4, instances: 4 },
  { partitions: 2, instances: 1 },
  { partitions: 1, instances: 1 },
]
/** Each partition commits transactions of its own. */
const latencyPartitions = [1, 4]

type Say = (line: string) => void

/** The explainer's processes beside as many of the copies, on the same decisions; then the latency, of the exact route also at the other bundle's rate. */
export async function timeTheLine(options: LineOptions, say: Say): Promise<LineResult[]> {
  const platform = await startPlatform({ say, env: process.env })
  let topics: Topics | undefined
  try {
    topics = await openTopics(platform.brokers)
    const results: LineResult[] = []
    for (const name of new Set([options.bundle, exactBundle])) {
      const alsoAt = results.flatMap(({ latencies }) => latencies.map(({ perSecond }) => perSecond))
      results.push(await timeBundle(name, topics, platform.registryUrl, options, alsoAt, say))
    }
    return results
  } finally {
    await topics?.close().catch(() => undefined)
    await platform.stop()
  }
}

async function timeBundle(
  name: string,
  topics: Topics,
  registryUrl: string,
  options: LineOptions,
  alsoAt: readonly number[],
  say: Say,
): Promise<LineResult> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-bench-'))
  try {
    const bundle = join(directory, 'bundles', name)
    await cp(join(root, 'examples/loan-demo/bundles', name), bundle, { recursive: true })
    const { method, budgetRows } = await prepare(bundle, options.fitMinutes, say)
    const { decisions = budgetRows === undefined ? 180_000 : 10_000, rounds = budgetRows === undefined ? 3 : 1 } =
      options
    const prefix = `raison-bench-${process.pid}.${name}`
    const records = await encodeDecisions(bundle, registryUrl, prefix, decisions)
    const warmUp = records.slice(0, decisions / 3)
    const rates: LineRates[] = []
    const explainedBytes: number[] = []
    const timedShapes = chooseShapes(options, budgetRows !== undefined)
    // The broker, too, is slow until its code is compiled.
    if (timedShapes.length > 0) {
      const line = { topics, registryUrl, directory, partitions: 4, profile: undefined }
      const first = { start: startTransactionalCopy, instances: 1, name: `${prefix}-first`, isCopy: true }
      await timeProcesses({ line, ...first, warmUp, records })
    }
    for (const { partitions, instances } of timedShapes) {
      const line = { topics, registryUrl, directory, partitions, profile: options.profile }
      const timed = `${prefix}-${partitions}-${instances}`
      const timeIt = async (side: Side, start: Start, round: number): Promise<number> => {
        const isCopy = side !== 'explainer'
        const name = `${timed}-${side}-${round}`
        const { rate, bytes } = await timeProcesses({ line, start, instances, name, warmUp, records, isCopy })
        if (side === 'explainer') explainedBytes.push(bytes)
        const shape = `${partitions} partition(s), ${instances} process(es)`
        say(`${shape}, round ${round + 1}, ${side}: ${Math.round(rate)} decisions/s`)
        return rate
      }
      rates.push({ partitions, instances, ...(await timeRounds(timeIt, rounds, () => explainedBytes.at(-1)!)) })
    }
    const paces = new Set([
      Math.min(mostPerSecond, Math.floor(median(rates[0]?.explainer ?? [Infinity]) / 3)),
      ...alsoAt,
    ])
    const latencies: LineLatency[] = []
    for (const perSecond of options.partitions === undefined ? paces : [])
      for (const partitions of latencyPartitions) {
        const line = { topics, registryUrl, directory, partitions, profile: undefined }
        const [p50, p99]: [number[], number[]] = [[], []]
        for (let round = 0; round < latencyRounds; round++) {
          const quantile = await timeLatency(
            line,
            `${prefix}-paced-${perSecond}-${partitions}-${round}`,
            records,
            perSecond,
          )
          p50.push(quantile(0.5))
          p99.push(quantile(0.99))
          say(
            `${name}: ${partitions} partition(s), at ${perSecond} decisions/s p50 ${p50[round]} ms, p99 ${p99[round]} ms`,
          )
        }
        latencies.push({ partitions, perSecond, p50, p99 })
      }
    const explanationBytes = Math.round(explainedBytes.at(-1) ?? 0)
    const decisionBytes = Math.round(records.reduce((sum, { value }) => sum + value.length, 0) / records.length)
    return { bundle: name, method, budgetRows, decisions, decisionBytes, explanationBytes, rates, latencies }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function chooseShapes({ withoutRates, partitions }: LineOptions, isSampled: boolean): typeof shapes {
  if (withoutRates) return []
  if (partitions !== undefined) return [{ partitions, instances: 1 }]
  return isSampled ? shapes.slice(0, 1) : shapes
}

/** Fitted before the clock starts, where there is something to fit. */
async function prepare(bundle: string, maxMinutes: number, say: Say): Promise<{ method: string; budgetRows?: number }> {
  const { missingArtefact, close } = await openBundle(bundle)
  await close()
  if (missingArtefact !== undefined) {
    say(`fitting ${bundle} for ${maxMinutes} minutes at most …`)
    await fitBundle(bundle, { maxMinutes })
  }
  const opened = await openBundle(bundle)
  await opened.close()
  const { exact, sampled } = opened
  return exact ? { method: exact.method } : { method: sampled!.method, budgetRows: sampled!.budgetRows }
}

type Side = 'explainer' | 'asItComes' | 'transactionalCopy' | 'untunedCopy' | 'copyOfSize' | 'plainCopy'

/** The explainer comes first, and says how large its explanations are. */
async function timeRounds(
  timeIt: (side: Side, start: Start, round: number) => Promise<number>,
  rounds: number,
  explanationBytes: () => number,
): Promise<Pick<LineRates, Side>> {
  const rates: Record<Side, number[]> = {
    explainer: [],
    asItComes: [],
    transactionalCopy: [],
    untunedCopy: [],
    copyOfSize: [],
    plainCopy: [],
  }
  const sides: readonly (readonly [Side, Start])[] = [
    ['explainer', startAtTopSpeed],
    ['asItComes', startExplainer()],
    ['transactionalCopy', startTransactionalCopy],
    ['untunedCopy', startUntunedCopy],
    ['copyOfSize', (...line) => startCopyOfSize(Math.round(explanationBytes()))(...line)],
    ['plainCopy', startPlainCopy],
  ]
  for (let round = 0; round < rounds; round++)
    for (const [side, start] of round % 2 === 0 ? sides : sides.toReversed())
      rates[side].push(await timeIt(side, start, round))
  return rates
}

const [latencyRounds, latencySeconds] = [3, 30]
/** Or a third of the explainer's speed. */
const mostPerSecond = 200
/** Just-in-time compilation and connections are not what is asked. */
const warmUpShare = 0.2

/** Quantiles of the milliseconds. */
async function timeLatency(
  line: Line,
  name: string,
  records: readonly InputRecord[],
  perSecond: number,
): Promise<(q: number) => number> {
  const { topics, partitions } = line
  const sent = records.slice(0, perSecond * latencySeconds)
  return withProcesses(line, startExplainer(), 1, name, async (input, output) => {
    await pause(settleMs)
    const reader = await topics.follow(output)
    await topics.sendPaced(input, partitions, sent, perSecond)
    await topics.consumed(output, input, partitions, sent.length)
    const received = await reader.received(sent.length)
    const appended = new Map((await topics.read(input)).map(({ position, time }) => [position, time]))
    const waited = received.map(({ source = '', time }) => {
      const from = appended.get(source)
      if (from === undefined) throw new Error(`an explanation of ${source}, which nobody sent`)
      return { from, to: time }
    })
    if (waited.length !== sent.length) throw new Error(`${waited.length} explanations of ${sent.length} decisions`)
    const steady = waited.sort((a, b) => a.from - b.from).slice(Math.floor(sent.length * warmUpShare))
    const waits = steady.map(({ from, to }) => to - from).sort((a, b) => a - b)
    return (q) => waits[Math.min(waits.length - 1, Math.floor(q * waits.length))]!
  })
}
