/**
 * Microseconds of processor time per decision of what an explaining thread does, by stage, without Kafka:
 *   node services/explainer/src/explain-thread.bench.ts [bundle] [rounds]
 * Simulated loan applications arrive packed as the threads get them and leave packed, in batches of 2,000, through the
 * service's own processor and codecs. `whole` is all of it; the stages are what the processor alone takes of the same
 * records, and the rest is packing. `with helpers` adds what V8's other threads collect and compile meanwhile.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createDecisionDecoder,
  createDecisionEncoder,
  createExplanationEncoder,
  createQuarantineEncoder,
  type DecisionExplanation,
} from '@raison/events'
import { openBundle, type DecisionAt, type OpenedBundle } from '@raison/explaining'
import { scoreApplications, simulateApplications } from '@raison/loan-demo'
import { answerBatches, packRecords, type Processor, type RawRecord } from '@raison/stream-runtime'
import { createProcessor } from './processor.ts'

const bundleName = process.argv[2] ?? 'loan-xgboost'
const rounds = Number(process.argv[3] ?? 15)
const [batchSize, batchCount] = [2000, 5]
/** As many as `prepareWith` gives the processor at once. */
const together = 256

const opened = await openBundle(new URL(`../../../examples/loan-demo/bundles/${bundleName}`, import.meta.url).pathname)
const schema = readFileSync(new URL('../../../schemas/scored-decision.avsc', import.meta.url), 'utf8')
const registry = createServer((_, answer) => answer.end(JSON.stringify({ schema })))
registry.listen(0, '127.0.0.1')
await once(registry, 'listening')
const processor = createProcessor({
  codecs: {
    decodeDecision: createDecisionDecoder({ url: `http://127.0.0.1:${(registry.address() as AddressInfo).port}` }),
    encodeExplanation: createExplanationEncoder({ explained: 2 }),
    encodeQuarantined: createQuarantineEncoder({ quarantined: 3 }),
  },
  shelf: { find: () => opened, during: (work) => work(), refresh: async () => undefined, close: async () => undefined },
  topics: { explained: 'decisions.explained', quarantined: 'decisions.quarantined' },
  contributions: 'all',
  holdSeconds: 0,
  now: () => 0,
})
const answer = answerBatches(Promise.resolve(processor))
const limits = new Map([
  ['decisions.explained', 1_000_000],
  ['decisions.quarantined', 1_000_000],
])

const records = await simulateRecords(opened, batchSize * batchCount)
const batches = Array.from({ length: batchCount }, (_, b) => records.slice(b * batchSize, (b + 1) * batchSize))
const times: Record<string, number[]> = {}
for (let round = -3; round < rounds; round++) {
  for (const work of round % 2 === 0 ? [timeWhole, timeStages] : [timeStages, timeWhole]) {
    const measured = await work()
    if (round >= 0) for (const [stage, time] of Object.entries(measured)) (times[stage] ??= []).push(time)
  }
}
for (const [stage, values] of Object.entries(times)) {
  const [least, median, most] = spread(values).map((time) => time.toFixed(1))
  process.stdout.write(`${stage.padEnd(12)} ${median} µs (${least} – ${most})\n`)
}
registry.close()
await opened.close()

async function timeWhole(): Promise<Record<string, number>> {
  const packed = batches.map(packRecords)
  const [before, everything] = [threadTime(), process.cpuUsage()]
  for (const batch of packed) await answer({ records: batch, limits })
  const { user, system } = process.cpuUsage(everything)
  return { whole: perDecision(threadTime() - before), 'with helpers': perDecision(user + system) }
}

async function timeStages(): Promise<Record<string, number>> {
  const spent = { decode: 0, process: 0, encode: 0 }
  for (let begin = 0; begin < records.length; begin += together)
    await timePart(processor, records.slice(begin, begin + together), spent)
  return Object.fromEntries(Object.entries(spent).map(([stage, time]) => [stage, perDecision(time)]))
}

async function timePart(
  { decode, process, encode }: Processor<DecisionAt, DecisionExplanation>,
  part: readonly RawRecord[],
  spent: { decode: number; process: number; encode: number },
): Promise<void> {
  const began = threadTime()
  const decisions: DecisionAt[] = []
  for (const record of part) {
    const decision = decode(record)
    decisions.push(decision instanceof Promise ? await decision : decision)
  }
  const decoded = threadTime()
  const results = await process(decisions)
  const explained = threadTime()
  results.forEach((result, i) => result.ok && encode(result.value, part[i]!))
  spent.decode += decoded - began
  spent.process += explained - decoded
  spent.encode += threadTime() - explained
}

/** Microseconds of this thread. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

function perDecision(microseconds: number): number {
  return microseconds / records.length
}

function spread(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
}

/** As the bank publishes them: scored by the bundle's own model. */
async function simulateRecords(opened: OpenedBundle, count: number): Promise<RawRecord[]> {
  const applications = [...simulateApplications({ seed: 5, count })]
  const decisions = await scoreApplications(opened, applications, { first: 0, decidedAt: '2026-11-22T10:00:00.000Z' })
  const encode = createDecisionEncoder({ decisions: 1 })
  return decisions.map((decision, k) => ({
    topic: 'decisions.scored',
    partition: k % 4,
    offset: String(k),
    timestamp: String(1795384110579 + k),
    key: Buffer.from(decision.decisionId),
    value: encode(decision),
    headers: {},
  }))
}
