import { fitLine } from '../memory-report.ts'

export interface MonitorSample {
  /** Seconds. */
  readonly at: number
  /** Explanations counted so far, by all monitors together like what follows. */
  readonly decisions: number
  /** Whether every monitor has counted some. */
  readonly everyone: boolean
  /** Of all its threads, since its start. */
  readonly processorSeconds: number
  /** Resident set. */
  readonly bytes: number
}

/** Part of the run in which the heap, its young generation and the buffers find their sizes. */
const warmUp = 1 / 3

export interface MonitorRun {
  readonly monitors: number
  readonly samples: readonly MonitorSample[]
}

/** The section of docs/benchmarks.md. `explained`: what the explainer alone takes in a second, after each of the runs. */
export function describeMonitors(
  machine: string,
  bundle: string,
  runs: readonly MonitorRun[],
  explained: readonly number[],
): string {
  const most = Math.max(...explained)
  const explanations = runs[0]!.samples.at(-1)!.decisions.toLocaleString('en')
  return [
    '## The drift monitor\n',
    `Written by \`npm run bench:monitor\`. Machine: ${machine}. Monitors of one group (windows of 250 explanations, quality too) on`,
    `${explanations} explanations of ${bundle} that lie ready on 4 partitions, both stages, 10,000 ids remembered of each partition, the broker on the same machine.\n`,
    `In the same run the explainer alone, at its top speed, took ${explained.map(rounded).join(' and ')} decisions/s.\n`,
    `| monitors | explanations/s | of the explainer's best | processor time for 1,000 explanations | MB after a third | MB at the end | MB more for a million after that third |`,
    `|---|---|---|---|---|---|---|`,
    ...runs.map((run) => describeRun(run, most)),
    '',
  ].join('\n')
}

function describeRun({ monitors, samples }: MonitorRun, explained: number): string {
  // From the first explanations of all of them on: the start of a process is no work on them.
  const from = samples.findIndex(({ everyone }) => everyone)
  const [first, last] = [samples[from]!, samples.at(-1)!]
  const counted = last.decisions - first.decisions
  const perSecond = counted / (last.at - first.at)
  const share = (last.processorSeconds - first.processorSeconds) / (counted / 1000)
  const warm = samples.slice(from + Math.floor((samples.length - from) * warmUp))
  const { slope, error } = fitLine(warm)
  const processor = `${Math.round(1000 * share)} ms: ${Math.round(100 * share)} % of a core at 1,000 a second`
  const memory = [warm[0]!, last].map(({ bytes }) => Math.round(bytes / 1e6)).join(' | ')
  return `| ${monitors} | ${rounded(perSecond)} | ${(perSecond / explained).toFixed(2)} | ${processor} | ${memory} | ${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} |`
}

function rounded(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en')
}
