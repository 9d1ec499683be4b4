import type { ExplainTimes } from './time-explanations.ts'
import type { LineRates } from './time-the-line.ts'
import { spread } from './spread.ts'

export interface BenchResults {
  readonly machine: string
  readonly rounds: number
  readonly decisions: number
  /** Empty, as is `line`, when that part was not asked for. */
  readonly explain: readonly (readonly ExplainTimes[])[]
  readonly line: readonly LineRates[]
}

/** The section of docs/benchmarks.md. */
export function describeBench({ machine, rounds, decisions, explain, line }: BenchResults): string {
  return [
    '## Raison alone, and the line through Kafka\n',
    `Written by \`npm run bench -- --write\`. Machine: ${machine}. Medians of ${rounds} rounds in alternating order (smallest – largest).\n`,
    ...(explain.length > 0 ? [explainHead, ...explain.flatMap(describeModel), ''] : []),
    ...(line.length > 0 ? [lineText(decisions), lineHead, ...line.map(describeLine), ''] : []),
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

const lineText = (
  decisions: number,
): string => `Decisions per second of the explainer's process, from topic to topic, exactly once, with every contribution, on the
bundle \`loan-xgboost\` (100 × depth 4, 100 reference rows); beside it a plain kafkajs copy of the same ${decisions.toLocaleString('en')} records
without transactions (\`eachBatch\`, acks −1). Both are processes of their own on the machine of the broker, started anew for
each run; the clock is the broker's append time in the output topic, from the first append to the last.
`

const lineHead = `| partitions | explainer, decisions/s | plain copy, decisions/s | ratio |
|---|---|---|---|`

function describeLine({ partitions, explainer, plainCopy }: LineRates): string {
  const ratios = explainer.map((rate, round) => rate / plainCopy[round]!)
  return row(partitions, spread(explainer), spread(plainCopy), spread(ratios))
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
