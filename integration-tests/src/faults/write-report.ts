/** Runs every fault and writes docs/reliability.md from what was seen. Ends with status 1 when a case failed. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { startPlatform } from '@raison/local-platform'
import { createRandom } from '@raison/numerics'
import { cases, type FaultCase } from './cases.ts'
import { runCase, type CaseResult } from './run-case.ts'
import { openStage } from './stage.ts'

const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    output: { type: 'string' },
  },
})
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const rows = new Map<FaultCase, CaseResult | undefined>()

const platform = await startPlatform({ say, env: process.env })
try {
  for (const brokers of [1, 3] as const) await runAll(brokers)
} finally {
  await platform.stop()
}
const output = values.output ?? (values.only === '' ? 'docs/reliability.md' : '/dev/stdout')
await mkdir(dirname(output), { recursive: true })
await writeFile(output, page(cases.filter((each) => rows.has(each)).map(toRow)))
process.exitCode = [...rows.values()].every((result) => result?.faultless === true) ? 0 : 1

async function runAll(brokers: 1 | 3): Promise<void> {
  const chosen = cases.filter(({ name, brokers: own = 1 }) => own === brokers && name.includes(values.only))
  if (chosen.length === 0) return
  const stage = await openStage(brokers, platform.registryUrl, say)
  try {
    for (const each of chosen) {
      const random = createRandom(Number(values.seed)).uniform
      const result = await runCase(each, stage, random, Number(values.decisions) / 2).catch(
        (error: Error) => void say(`${each.name}: ${error.message}`),
      )
      rows.set(each, result)
      say(`${each.name}: ${result === undefined ? 'failed' : JSON.stringify(result)}`)
    }
  } finally {
    await stage.close()
  }
}

function toRow(each: FaultCase): string {
  const { name, injects } = each
  const result = rows.get(each)
  if (result === undefined) return `| ${name} | ${injects} | failed | | | | | | |`
  const { injected, decisions, quarantined, lost, doubled, outOfOrder, recovery } = result
  return `| ${name} | ${injects} | ${injected} | ${decisions} | ${quarantined} | ${lost} | ${doubled} | ${outOfOrder} | ${recovery.toFixed(1)} |`
}

function page(table: readonly string[]): string {
  return `# Reliability

Real explainer processes work against real brokers while a fault is injected; then an oracle reads the output topics, read committed. Every
source position must be in \`decisions.explained\` or \`decisions.quarantined\` exactly once, each partition's outputs in the order of its
input, and the group's committed offset at the end. Recovery is the time from the fault's end to the next committed output; a killed
explainer's successor starts anew within it, and waits until the group has given up the dead one (a session of 4 s here, 30 s by default).

\`npm run test:soak\` mixes the faults, seeded, over one stream of two explainers and three brokers. The table is written by \`npm run reliability\`; the cases are the table in \`integration-tests/src/faults/cases.ts\`.

<!-- faults -->

| case | what is done | injected | decisions | set aside | lost | doubled | out of order | recovery, s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${table.join('\n')}

<!-- /faults -->

## What Kafka itself forgets

A broker writes the ends of a transaction into its partitions after it has answered the commit; killed before that, it does so when it is back. Kafka 4.4 forgets
it where partitions are without leader at that moment, as those of an only broker are: its log says that they are "likely deleted already and hence can be skipped". What was committed
is then read again, and what was aborted may be committed by the next transaction: \`broker restarted hard\` ended with explanations there twice in 3 of 32 runs, two
cores at load averages of 5 to 10. Before it takes a partition Raison therefore asks how its last transactions ended, writes that end once more, and waits until no position is without end
([decision 0021](decisions/0021-ends-of-transactions-are-written-again.md)).

What is left: a broker that forgets, and then the explainer killed too within the milliseconds in which it writes the end anew. The partition then may wait in the stage \`recovering\`, its readiness says so, until
Kafka's own \`kafka-transactions.sh abort\` has ended what is pending in \`__consumer_offsets\`. Three replicas of every topic, Kafka's own among them, keep a partition's leader when
a broker is lost, and Kafka then forgets nothing.
`
}
