import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { featureNames, simulateApplications } from '@raison/loan-demo'
import { compareModel, type ModelOutcome } from './compare-model.ts'
import { describeResults, type PeerVersions } from './describe-results.ts'
import type { ComparedModel } from './our-side.ts'
import { startPeers } from './peer-process.ts'
import { root } from './places.ts'
import { writeAround } from './report-section.ts'

/** Times exact explanations of trees beside shap, woodelf, XGBoost and LightGBM; writes the report but for its sections. */
export async function benchTreePeers(python: string, golden: string | undefined): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-peers-'))
  const peers = startPeers(python, join(root, 'tools/bench/peers/run_peers.py'))
  try {
    writeFileSync(join(directory, 'simulated.f32'), simulateTable())
    console.error('Training the models …')
    const question = { verb: 'prepare', directory, features: featureNames, golden: golden ?? null }
    const prepared = await peers.ask<PeerVersions & { models: readonly ComparedModel[] }>(question)
    if ('error' in prepared) throw new Error(`the models could not be prepared: ${prepared.error}`)
    const results: ModelOutcome[] = []
    for (const model of prepared.models) results.push(await compareModel(peers, model))
    writeAround(describeResults(prepared, results))
  } finally {
    peers.close()
    rmSync(directory, { recursive: true, force: true })
  }
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
