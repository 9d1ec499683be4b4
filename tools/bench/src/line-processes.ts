import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild, type Child } from './child.ts'
import type { Topics } from './line-topics.ts'
import { root } from './places.ts'

export interface Line {
  readonly topics: Topics
  readonly registryUrl: string
  /** Bundles and configurations. */
  readonly directory: string
  readonly partitions: number
  /** Where the explainer's CPU profiles go. */
  readonly profile: string | undefined
}

/** From a topic to a topic; its group has the name of the output. */
export type Start = (line: Line, input: string, output: string) => Promise<Child>

type Settings = Readonly<Record<string, string | number>>

/** As it comes unless settings are said. */
export const startExplainer =
  (settings: Settings = {}): Start =>
  (line, input, output) =>
    startService(settings, line, input, output)

/** In throughput mode, compressing, on two threads. */
export const startAtTopSpeed: Start = startExplainer({ mode: 'throughput', compression: 'zstd', threads: 2 })

async function startService(others: Settings, line: Line, input: string, output: string): Promise<Child> {
  const config = join(line.directory, `${output}.json`)
  const settings = {
    kafka: { brokers: line.topics.brokers },
    registry: { url: line.registryUrl },
    bundles: join(line.directory, 'bundles'),
    group: output,
    topics: { decisions: input, explained: output, quarantined: `${output}.quarantined` },
    fit: 'off',
    ...others,
    health: { port: 0 },
  }
  await writeFile(config, JSON.stringify(settings))
  const profiling = line.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${line.profile}`]
  return startChild([...profiling, join(root, 'services/explainer/src/main.ts')], { RAISON_CONFIG: config })
}

export const startTransactionalCopy: Start = (line, input, output) =>
  startCopy('transactional-copy.ts', line, input, output)

/** The same with kafkajs's own retries. */
export const startUntunedCopy: Start = (line, input, output) =>
  startCopy('transactional-copy.ts', line, input, output, { COPY_WAITS: 'yes' })

/** The first one, writing values of so many bytes in place of those it reads. */
export const startCopyOfSize =
  (valueBytes: number): Start =>
  (line, input, output) =>
    startCopy('transactional-copy.ts', line, input, output, { COPY_VALUE_BYTES: String(valueBytes) })

export const startPlainCopy: Start = (line, input, output) => startCopy('plain-copy.ts', line, input, output)

async function startCopy(
  script: string,
  { topics, partitions }: Line,
  input: string,
  output: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Child> {
  return startChild([join(root, 'tools/bench/src', script)], {
    KAFKA_BROKERS: topics.brokers.join(','),
    COPY_GROUP: output,
    COPY_FROM: input,
    COPY_TO: output,
    COPY_LANES: String(partitions),
    ...env,
  })
}

/** So many processes on fresh topics, stopped when `work` has ended; rejects when one of them ends by itself. */
export async function withProcesses<T>(
  line: Line,
  start: Start,
  count: number,
  name: string,
  work: (input: string, output: string, children: readonly Child[]) => Promise<T>,
): Promise<T> {
  const [input, output] = [`${name}.in`, `${name}.out`]
  await line.topics.create(input, line.partitions)
  await line.topics.create(output, line.partitions)
  await line.topics.create(`${output}.quarantined`, 1)
  const children: Child[] = []
  try {
    for (let k = 0; k < count; k++) children.push(await start(line, input, output))
    const ended = children.map(({ failed }) => failed)
    await Promise.race([line.topics.joined(output, count), ...ended])
    return await Promise.race([work(input, output, children), ...ended])
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}
