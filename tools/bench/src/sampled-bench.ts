import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBundle } from '@raison/explaining'
import type { PeerVersions } from './describe-results.ts'
import { startPeers, type PeerProcess } from './peer-process.ts'
import { root } from './places.ts'
import { writeSection } from './report-section.ts'
import { writeBundle } from './sampled-bundles.ts'
import { compareSampled, type SampledResult, type SampledSettings } from './sampled-comparison.ts'
import { readGoldenCases, type SampledCase } from './sampled-golden.ts'
import { askPeers } from './sampled-peers.ts'
import { plotSampled } from './sampled-plot.ts'
import { describeSampled } from './sampled-report.ts'
import { trainSimulated } from './sampled-simulated.ts'
import {
  listSimulatedNets,
  listUnlikeModels,
  measureUnlike,
  measureWithoutTraining,
  truthOfRows,
  type UnlikeResult,
} from './sampled-unlike.ts'

/** Compares sampled explanations with the peers', and writes their section and plot. */
export async function benchSampledPeers(
  python: string,
  golden: string | undefined,
  settings: SampledSettings,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-sampled-'))
  const peers = startPeers(python, join(root, 'tools/bench/peers/run_sampled.py'))
  try {
    const versions = await askPeers<PeerVersions>(peers, { verb: 'versions' })
    const results: SampledResult[] = []
    const cases = await listCases(peers, golden)
    for (const known of cases) results.push(await compareSampled(peers, directory, known, settings))
    const unlike: UnlikeResult[] = []
    for (const known of cases.filter(({ rows }) => rows.columns.length <= 12))
      unlike.push(await measureWithoutTraining(known, settings))
    for (const model of listUnlikeModels()) unlike.push(await measureUnlike(peers, model, settings))
    writeFileSync(join(root, 'docs', 'benchmarks-sampled.svg'), plotSampled(results))
    writeSection(describeSampled(versions, results, unlike), 'sampled')
  } finally {
    peers.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Real nets, or one of simulated loans where they are not at hand. */
async function listCases(peers: PeerProcess, golden: string | undefined): Promise<SampledCase[]> {
  const real = golden === undefined ? [] : readGoldenCases(golden)
  if (real.length > 0) return real
  const cases: SampledCase[] = []
  for (const model of listSimulatedNets()) {
    const recipe = await trainSimulated(peers, model)
    const bundle = writeBundle(recipe)
    const opened = await openBundle(bundle)
    const { values, rowCount } = recipe.rows
    cases.push({ ...recipe, truth: await truthOfRows(opened.sampled!, values, rowCount, bundle) })
    await opened.close()
  }
  return cases
}
