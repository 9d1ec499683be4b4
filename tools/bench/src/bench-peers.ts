import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { featureNames, simulateApplications } from '@raison/loan-demo'
import { compareModel, type ModelOutcome } from './compare-model.ts'
import { describeResults, type PeerVersions } from './describe-results.ts'
import type { ComparedModel } from './our-side.ts'
import { preparePeers } from './peer-environment.ts'
import { startPeers } from './peer-process.ts'

// `npm run bench:peers`: times Raison beside shap, woodelf, XGBoost and LightGBM, and writes docs/benchmarks.md.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const report = join(root, 'docs', 'benchmarks.md')
const directory = mkdtempSync(join(tmpdir(), 'bench-peers-'))
const peers = startPeers(
  preparePeers(join(root, 'tools/bench/peers/requirements.txt')),
  join(root, 'tools/bench/peers/run_peers.py'),
)
try {
  writeFileSync(join(directory, 'simulated.f32'), simulateTable())
  console.error('Training the models …')
  const question = { verb: 'prepare', directory, features: featureNames, golden: findGolden() ?? null }
  const prepared = await peers.ask<PeerVersions & { models: readonly ComparedModel[] }>(question)
  if ('error' in prepared) throw new Error(`the models could not be prepared: ${prepared.error}`)
  const results: ModelOutcome[] = []
  for (const model of prepared.models) results.push(await compareModel(peers, model))
  mkdirSync(join(root, 'docs'), { recursive: true })
  writeFileSync(report, describeResults(prepared, results))
  console.log(`Wrote ${report}`)
} finally {
  peers.close()
  rmSync(directory, { recursive: true, force: true })
}

/** 20,000 applications to train on, 1,000 to explain, 1,000 to compare with; the outcome is the last column. */
function simulateTable(): Float32Array {
  const applications = [...simulateApplications({ seed: 11, count: 22_000 })]
  return Float32Array.from(
    applications.flatMap(({ features, defaulted }) => [
      ...featureNames.map((name) => features[name] ?? Number.NaN),
      defaulted,
    ]),
  )
}

function findGolden(): string | undefined {
  const golden = process.env['RAISON_GOLDEN_DIR'] ?? join(root, '../shared/golden')
  if (existsSync(golden)) return golden
  console.error(`Taiwan models skipped: there is no ${golden} (RAISON_GOLDEN_DIR names another place)`)
  return undefined
}
