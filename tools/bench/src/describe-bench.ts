import type { ExplainTimes } from './time-explanations.ts'
import type { LineResult } from './time-the-line.ts'
import { spread } from './spread.ts'

export interface BenchResults {
  readonly machine: string
  readonly rounds: number
  /** Empty, as is `line`, when that part was not asked for. */
  readonly explain: readonly (readonly ExplainTimes[])[]
  readonly line: readonly LineResult[]
}

/** The section of docs/benchmarks.md. */
export function describeBench({ machine, rounds, explain, line }: BenchResults): string {
  return [
    '## Raison alone, and the line through Kafka\n',
    `Written by \`npm run bench -- --write\`. Machine: ${machine}. Medians of rounds in alternating order (smallest – largest): ${rounds} of explanations alone, ${lineRounds(line)} of the line.\n`,
    ...(explain.length > 0 ? [explainHead, ...explain.flatMap(describeModel), ''] : []),
    ...(line.length > 0
      ? [
          lineText,
          rateHead,
          ...line.flatMap(describeRates),
          '',
          ratioHead,
          ...line.flatMap(describeRatios),
          '',
          latencyText,
          latencyHead,
          ...line.flatMap(describeLatencies),
          '',
        ]
      : []),
  ].join('\n')
}

const lineRounds = (line: readonly LineResult[]): number =>
  Math.max(0, ...line.flatMap(({ rates }) => rates.map(({ explainer }) => explainer.length)))

const explainHead = `Time of an exact explanation, microseconds per decision, one thread, every feature its own player. "Random" are full
trees over 23 features, which have more leaves than trained ones; Taiwan are models of real credit card clients (UCI 350).

| model | reference rows | ready in, ms | in batches of 1,000, µs | one at a time, µs |
|---|---|---|---|---|`

function describeModel([few, many]: readonly ExplainTimes[]): string[] {
  const ratio = (of: 'inBatchesOf1000' | 'oneByOne'): string =>
    spread(many![of].map((time, round) => time / few![of][round]!))
  const rows = [few!, many!].map(({ model, rows, preparedInMs, inBatchesOf1000, oneByOne }) =>
    row(model, rows, Math.round(preparedInMs), spread(inBatchesOf1000), spread(oneByOne)),
  )
  return [
    ...rows,
    row(few!.model, `ratio ${many!.rows} / ${few!.rows}`, '', ratio('inBatchesOf1000'), ratio('oneByOne')),
  ]
}

const lineText = `Decisions per second from topic to topic, exactly once, with every contribution: of the explainer set for throughput (\`mode:
throughput\`, \`compression: zstd\`, \`threads: 2\`), and of the explainer as it comes. Beside them as many processes of a kafkajs copy of the
same records, on the machine of the broker and started anew for each run:

- **tuned**: exactly once as well, in transactions of up to 2,000 records like the explainer's, with kafkajs's retries cut from 300 ms to 1 ms;
- **untuned**: the same with kafkajs's own retries, which a transaction that meets the end of the one before it waits for;
- **as large**: the tuned one, writing as many bytes as an explanation has before it is compressed;
- **plain**: without transactions (\`eachBatch\`, acks −1).

The copies do not compress: kafkajs has no zstd of its own. A third as many records come before, for the processes to warm up. Then the records become
readable all at once; the clock runs from there to the broker's time of the last append in the output topic. Surrogates are
fitted before.
`

const rateHead = `| bundle | partitions | processes | for throughput | as it comes | tuned copy | untuned copy | copy as large | plain copy |
|---|---|---|---|---|---|---|---|---|`

const ratioHead = `The explainer's rates as shares of the copies':

| bundle | partitions | processes | throughput / tuned | as it comes / tuned | throughput / untuned | throughput / as large | throughput / plain |
|---|---|---|---|---|---|---|---|`

function describeRates({ bundle, decisions, decisionBytes, explanationBytes, rates }: LineResult): string[] {
  const name = `${bundle}, ${decisions.toLocaleString('en')} decisions of ${decisionBytes} bytes, explanations of ${explanationBytes.toLocaleString('en')}`
  return rates.map(
    ({ partitions, instances, explainer, asItComes, transactionalCopy, untunedCopy, copyOfSize, plainCopy }) => {
      const sides = [explainer, asItComes, transactionalCopy, untunedCopy, copyOfSize, plainCopy]
      return row(name, partitions, instances, ...sides.map(spread))
    },
  )
}

function describeRatios({ bundle, rates }: LineResult): string[] {
  return rates.map(
    ({ partitions, instances, explainer, asItComes, transactionalCopy, untunedCopy, copyOfSize, plainCopy }) => {
      const pairs = [
        [explainer, transactionalCopy],
        [asItComes, transactionalCopy],
        [explainer, untunedCopy],
        [explainer, copyOfSize],
        [explainer, plainCopy],
      ] as const
      const ratios = pairs.map(([ours, copy]) => spread(ours.map((rate, round) => rate / copy[round]!)))
      return row(bundle, partitions, instances, ...ratios)
    },
  )
}

const latencyText = `Milliseconds from the append of a decision (the broker's clock) until a consumer of committed records has its explanation, all on one
machine: one process, decisions arriving evenly, the explainer as it comes, medians of three rounds. Each partition commits transactions of its own.
`

const latencyHead = `| bundle | method | model rows at most | partitions | decisions/s offered | p50, ms | p99, ms |
|---|---|---|---|---|---|---|`

function describeLatencies({ bundle, method, budgetRows, latencies }: LineResult): string[] {
  return latencies.map(({ partitions, perSecond, p50, p99 }) =>
    row(bundle, method, budgetRows ?? 'none', partitions, perSecond, spread(p50), spread(p99)),
  )
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
