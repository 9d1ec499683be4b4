import { parseArgs } from 'node:util'
import { openBundle } from '@raison/explaining'
import { describeCoverage, type CoverageResult } from './coverage-report.ts'
import { measureCoverage } from './coverage-measure.ts'
import { findGolden } from './find-golden.ts'
import { report, writeSection } from './report-section.ts'
import { cachedFile, fitOnce, writeBundle } from './sampled-bundles.ts'
import { readGoldenCases, readTestRows, type SampledCase } from './sampled-golden.ts'
import { enumerateRow, truthOf } from './sampled-truth.ts'
import type { KnownRows, Sampled } from './sampled-ours.ts'

// `npm run bench:coverage`: how often 95 % intervals hold the true contributions of real nets; writes a section of docs/benchmarks.md.
// The truth of a decision is 409,600 model rows, half a second: it is kept in the user's cache, and a run goes on where one has ended.
const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '2000' },
    seeds: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '6' },
  },
})
const golden = findGolden()
const cases = golden === undefined ? [] : readGoldenCases(golden)
const results: CoverageResult[] = []
for (const known of cases.filter(({ name }) => name.startsWith('taiwan'))) {
  const bundle = writeBundle(known)
  await fitOnce(bundle, Number(values.minutes))
  const opened = await openBundle(bundle)
  try {
    const sampled = opened.sampled!
    const few = sampled.players.count <= 12
    const [rows, seeds] = few
      ? [await enumerateTest(known, sampled, Number(values.decisions)), 1]
      : [known, Number(values.seeds)]
    console.error(`${known.title}: ${rows.rows.rowCount} decisions × ${seeds} seeds`)
    const measured = await measureCoverage(sampled, rows, seeds)
    results.push({ title: known.title, decisions: rows.rows.rowCount, seeds, method: sampled.method, measured })
  } finally {
    await opened.close()
  }
}
if (results.length > 0) {
  writeSection(describeCoverage(results), 'coverage')
  console.log(`Wrote ${report}`)
}

/** Test rows with their true contributions. */
async function enumerateTest({ graph, reference }: SampledCase, sampled: Sampled, most: number): Promise<KnownRows> {
  const test = readTestRows(golden!)
  const about = [graph, ...[reference, test].map(({ values: { buffer } }) => new Uint8Array(buffer as ArrayBuffer))]
  const file = cachedFile('taiwan-mlp12-test-truth', about)
  const rowCount = Math.min(most, test.rowCount)
  const truth = await truthOf(file, test.values, rowCount, sampled, (row) => enumerateRow(sampled, row))
  return { rows: { ...test, rowCount }, truth }
}
