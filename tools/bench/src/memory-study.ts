import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPlatform } from '@raison/local-platform'
import { encodeDecisions } from './encode-decisions.ts'
import { startExplainer, withProcesses } from './line-processes.ts'
import { openTopics } from './line-topics.ts'
import { machine } from './machine.ts'
import { describeMemory, type Sample } from './memory-report.ts'
import { root } from './places.ts'
import { report, writeSection } from './report-section.ts'

// `npm run bench:memory`: the memory of one explainer over four million decisions; writes a section of docs/benchmarks.md.
const { values } = parseArgs({ options: { decisions: { type: 'string', default: '4000000' } } })
const decisions = Number(values.decisions)
const bundleName = 'loan-xgboost'
const partitions = 4
/** Different decisions; they come again and again, at other offsets. */
const distinct = 20_000
/** How far the feed may be ahead of the explainer. */
const mostAhead = 3 * distinct

const platform = await startPlatform({ say: (line) => console.error(line), env: process.env })
const directory = await mkdtemp(join(tmpdir(), 'raison-memory-'))
try {
  const bundle = join(directory, 'bundles', bundleName)
  await cp(join(root, 'examples/loan-demo/bundles', bundleName), bundle, { recursive: true })
  const topics = await openTopics(platform.brokers)
  const name = `raison-memory-${process.pid}`
  const records = await encodeDecisions(bundle, platform.registryUrl, name, distinct)
  const line = { topics, registryUrl: platform.registryUrl, directory, partitions, profile: undefined }
  const samples = await withProcesses(line, startExplainer(), 1, name, async (input, output, [explainer]) => {
    const samples: Sample[] = []
    for (let sent = 0; sent < decisions; sent += distinct) {
      await topics.send(input, partitions, records)
      const done = Math.max(0, sent + distinct - mostAhead)
      await topics.consumed(output, input, partitions, done)
      samples.push({ decisions: done, bytes: residentBytes(explainer!.pid) })
      if ((sent / distinct) % 5 === 0) console.error(`${done} decisions, ${Math.round(samples.at(-1)!.bytes / 1e6)} MB`)
    }
    await topics.consumed(output, input, partitions, decisions)
    return [...samples, { decisions, bytes: residentBytes(explainer!.pid) }]
  })
  await topics.close()
  writeSection(describeMemory(machine(), bundleName, samples), 'memory')
  console.log(`Wrote ${report}`)
} finally {
  await rm(directory, { recursive: true, force: true })
  await platform.stop()
}

/** Resident set of a process, as the system counts it. */
function residentBytes(pid: number): number {
  return 1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
}
