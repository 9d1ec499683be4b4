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
          ...line.map(describeLatency),
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

const lineText = `Decisions per second of the explainer's processes, from topic to topic, exactly once, with every contribution; beside them
as many processes of a plain kafkajs copy of the same records without transactions (\`eachBatch\`, acks −1), on the machine of the
broker and started anew for each run. A third as many records come before, for the processes to warm up. Then the records become
readable all at once; the clock runs from there to the broker's time of the last append in the output topic. Surrogates are
fitted before.
`

const lineHead = `| bundle | partitions | processes | explainer, decisions/s | plain copy, decisions/s | ratio |
|---|---|---|---|---|---|`

function describeRates({ bundle, decisions, rates }: LineResult): string[] {
  const name = `${bundle}, ${decisions.toLocaleString('en')} decisions`
  return rates.map(({ partitions, instances, explainer, plainCopy }) => {
    const ratios = explainer.map((rate, round) => rate / plainCopy[round]!)
    return row(name, partitions, instances, spread(explainer), spread(plainCopy), spread(ratios))
  })
}

const latencyText = `Milliseconds from the append of a decision to the append of its explanation (the broker's clock on both topics), one process,
4 partitions, decisions arriving evenly; the explanation is readable when its transaction has been committed, a few milliseconds later.
`

const latencyHead = `| bundle | method | model rows at most | decisions/s offered | p50, ms | p99, ms |
|---|---|---|---|---|---|`

function describeLatency({ bundle, method, budgetRows, latency }: LineResult): string {
  return row(bundle, method, budgetRows ?? 'none', latency.perSecond, latency.p50, latency.p99)
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
