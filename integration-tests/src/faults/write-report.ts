/** Runs every fault and writes what was seen into the table of docs/reliability.md; the rest of the page stays. Ends with status 1 when a case failed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { startPlatform } from '@raison/local-platform'
import { createRandom } from '@raison/numerics'
import { cases, type FaultCase } from './cases.ts'
import { runCase, type CaseResult } from './run-case.ts'
import { openStage } from './stage.ts'
import { withTable } from './with-table.ts'

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
const head = `| case | what is done | injected | decisions | set aside | lost | doubled | out of order | recovery, s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`

const platform = await startPlatform({ say, env: process.env })
try {
  for (const brokers of [1, 3] as const) await runAll(brokers)
} finally {
  await platform.stop()
}
const page = 'docs/reliability.md'
const output = values.output ?? (values.only === '' ? page : '/dev/stdout')
const table = [head, ...cases.filter((each) => rows.has(each)).map(toRow)].join('\n')
await mkdir(dirname(output), { recursive: true })
await writeFile(output, withTable(await readFile(page, 'utf8'), table))
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
