import { fitLine } from '../memory-report.ts'

export interface MonitorSample {
  /** Seconds. */
  readonly at: number
  /** Explanations counted so far. */
  readonly decisions: number
  /** Of all its threads, since its start. */
  readonly processorSeconds: number
  /** Resident set. */
  readonly bytes: number
}

/** Part of the run in which the heap, its young generation and the buffers find their sizes. */
const warmUp = 1 / 3

/** The section of docs/benchmarks.md. */
export function describeMonitor(machine: string, bundle: string, samples: readonly MonitorSample[]): string {
  // From the first explanations on: the start of a process is no work on them.
  const from = samples.findIndex(({ decisions }) => decisions > 0)
  const [first, last] = [samples[from]!, samples.at(-1)!]
  const counted = last.decisions - first.decisions
  const perSecond = counted / (last.at - first.at)
  const share = (last.processorSeconds - first.processorSeconds) / (counted / 1000)
  const warm = samples.slice(from + Math.floor((samples.length - from) * warmUp))
  const { slope, error } = fitLine(warm)
  return [
    '## The drift monitor\n',
    `Written by \`npm run bench:monitor\`. Machine: ${machine}. One monitor (windows of 250 explanations, quality too) on`,
    `${last.decisions.toLocaleString('en')} explanations of ${bundle} that lie ready on 4 partitions, both stages, 10,000 ids remembered of each partition, the broker on the same machine.\n`,
    `| explanations/s | processor time for 1,000 explanations | MB after a third | MB at the end | MB more for a million after that third |`,
    `|---|---|---|---|---|`,
    `| ${Math.round(perSecond).toLocaleString('en')} | ${Math.round(1000 * share)} ms: ${Math.round(100 * share)} % of a core at 1,000 a second | ${Math.round(warm[0]!.bytes / 1e6)} | ${Math.round(last.bytes / 1e6)} | ${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} |`,
    '',
  ].join('\n')
}
