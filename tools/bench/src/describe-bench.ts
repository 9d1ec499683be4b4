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
    `Written by \`npm run bench -- --write\`. Machine: ${machine}. Medians of ${rounds} rounds in alternating order (smallest – largest).\n`,
    ...(explain.length > 0 ? [explainHead, ...explain.flatMap(describeModel), ''] : []),
    ...(line.length > 0
      ? [
          lineText,
          lineHead,
          ...line.flatMap(describeRates),
          '',
          latencyText,
          latencyHead,
          ...line.flatMap(describeLatencies),
          '',
        ]
      : []),
  ].join('\n')
}

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

const lineText = `Decisions per second of the explainer's processes, from topic to topic, exactly once, with every contribution: set for throughput
(\`mode: throughput\`, \`compression: zstd\`), and as it comes (\`mode: latency\`, not compressing). Beside them as many processes of a
kafkajs copy of the same records, on the machine of the broker and started anew for each run: exactly once as well, in transactions
of as many records; the same writing as many bytes as an explanation has before it is compressed; and plain, without transactions (\`eachBatch\`, acks −1).
The copies do not compress: decisions are small, and zstd is not in kafkajs. A third as many records come before, for the processes to warm up. Then the records become
readable all at once; the clock runs from there to the broker's time of the last append in the output topic. Surrogates are
fitted before.
`

const lineHead = `| bundle | partitions | processes | explainer, throughput and zstd, decisions/s | to the transactional copy | explainer as it comes | to the transactional copy | transactional copy | copy of as many bytes | plain copy | throughput and zstd to the copy of as many bytes |
|---|---|---|---|---|---|---|---|---|---|---|`

function describeRates({ bundle, decisions, decisionBytes, explanationBytes, rates }: LineResult): string[] {
  const name = `${bundle}, ${decisions.toLocaleString('en')} decisions of ${decisionBytes} bytes, explanations of ${explanationBytes.toLocaleString('en')}`
  return rates.map(({ partitions, instances, explainer, asItComes, transactionalCopy, copyOfSize, plainCopy }) => {
    const ratio = (ours: readonly number[], copy: readonly number[]): string =>
      spread(ours.map((rate, round) => rate / copy[round]!))
    const beside = [explainer, asItComes].flatMap((ours) => [spread(ours), ratio(ours, transactionalCopy)])
    const copies = [transactionalCopy, copyOfSize, plainCopy].map(spread)
    return row(name, partitions, instances, ...beside, ...copies, ratio(explainer, copyOfSize))
  })
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
