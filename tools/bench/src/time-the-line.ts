import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPlatform } from '@raison/local-platform'
import { startChild, type Child } from './child.ts'
import { encodeDecisions } from './encode-decisions.ts'
import { openTopics, type Topics } from './line-topics.ts'
import { root } from './places.ts'

export interface LineOptions {
  readonly decisions: number
  readonly rounds: number
  /** Where the explainer's CPU profiles go. */
  readonly profile: string | undefined
}

/** Decisions per second, a value per round. */
export interface LineRates {
  readonly partitions: number
  readonly explainer: readonly number[]
  readonly plainCopy: readonly number[]
}

const bundleName = 'loan-xgboost'
const partitionCounts = [4, 1]

/** The explainer's process beside the plain copy's, on the same decisions, in alternating order. */
export async function timeTheLine(options: LineOptions, say: (line: string) => void): Promise<LineRates[]> {
  const platform = await startPlatform({ say, env: process.env })
  const directory = await mkdtemp(join(tmpdir(), 'raison-bench-'))
  let topics: Topics | undefined
  try {
    topics = await openTopics(platform.brokers)
    const bundle = join(root, 'examples/loan-demo/bundles', bundleName)
    await cp(bundle, join(directory, 'bundles', bundleName), { recursive: true })
    const all: LineRates[] = []
    for (const partitions of partitionCounts) {
      const input = `raison-bench-${process.pid}.decisions-${partitions}`
      await topics.create(input, partitions)
      await topics.send(input, await encodeDecisions(bundle, platform.registryUrl, input, options.decisions))
      const line = { topics, registryUrl: platform.registryUrl, directory, input, partitions, ...options }
      all.push(await timeRounds(line, say))
    }
    return all
  } finally {
    await Promise.allSettled([topics?.close(), rm(directory, { recursive: true, force: true })])
    await platform.stop()
  }
}

interface Line extends LineOptions {
  readonly topics: Topics
  readonly registryUrl: string
  /** Bundles and configurations. */
  readonly directory: string
  readonly input: string
  readonly partitions: number
}

type Start = (line: Line, output: string) => Promise<Child>

async function timeRounds(line: Line, say: (text: string) => void): Promise<LineRates> {
  const sides = [
    { name: 'explainer', start: startExplainer, rates: [] as number[] },
    { name: 'plain copy', start: startPlainCopy, rates: [] as number[] },
  ]
  for (let round = 0; round < line.rounds; round++)
    for (const { name, start, rates } of round % 2 === 0 ? sides : sides.toReversed()) {
      const rate = await timeOnce(line, start, `${line.input}.${name.replace(' ', '-')}-${round}`)
      say(`${line.partitions} partition(s), round ${round + 1}, ${name}: ${Math.round(rate)} decisions/s`)
      rates.push(rate)
    }
  return { partitions: line.partitions, explainer: sides[0]!.rates, plainCopy: sides[1]!.rates }
}

/** Each run has a group and output topics of its own, the group by the name of the output. */
async function timeOnce(line: Line, start: Start, output: string): Promise<number> {
  const { topics, input, partitions, decisions } = line
  await topics.create(output, partitions)
  await topics.create(`${output}.quarantined`, 1)
  const child = await start(line, output)
  try {
    await Promise.race([topics.consumed(output, input), child.failed])
  } finally {
    await child.stop()
  }
  const times = await topics.appendTimes(output)
  if (times.length !== decisions) throw new Error(`${output} holds ${times.length} records, not ${decisions}`)
  return rateOf(times)
}

/** From the first append to the last, so that starting does not count; nor does what the first append brought. */
function rateOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  const [first, last] = [sorted[0]!, sorted.at(-1)!]
  if (first === last) throw new Error('everything was appended at once: more --decisions are needed')
  return (1000 * sorted.filter((time) => time > first).length) / (last - first)
}

async function startExplainer(line: Line, output: string): Promise<Child> {
  const config = join(line.directory, `${output}.json`)
  const settings = {
    kafka: { brokers: line.topics.brokers },
    registry: { url: line.registryUrl },
    bundles: join(line.directory, 'bundles'),
    group: output,
    topics: { decisions: line.input, explained: output, quarantined: `${output}.quarantined` },
    health: { port: 0 },
  }
  await writeFile(config, JSON.stringify(settings))
  const profiling = line.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${line.profile}`]
  return startChild([...profiling, join(root, 'services/explainer/src/main.ts')], { RAISON_CONFIG: config })
}

async function startPlainCopy({ topics, input, partitions }: Line, output: string): Promise<Child> {
  return startChild([join(root, 'tools/bench/src/plain-copy.ts')], {
    KAFKA_BROKERS: topics.brokers.join(','),
    COPY_GROUP: output,
    COPY_FROM: input,
    COPY_TO: output,
    COPY_LANES: String(partitions),
  })
}
