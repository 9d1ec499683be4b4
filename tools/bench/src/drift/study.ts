import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { PeerVersions } from '../describe-results.ts'
import { findGolden } from '../find-golden.ts'
import { preparePeers } from '../peer-environment.ts'
import { startPeers, type PeerProcess } from '../peer-process.ts'
import { root } from '../places.ts'
import { report, writeSection } from '../report-section.ts'
import { askPeers } from '../sampled-peers.ts'
import { watchersOf } from './detectors.ts'
import { openLoans } from './loans.ts'
import { plotDrift } from './plot.ts'
import { describeDrift } from './report.ts'
import { askRiver } from './river.ts'
import type { DriftSource, Rows } from './source.ts'
import { openTaiwan } from './taiwan.ts'
import { scoreOf, type DriftResult, type Watched } from './score.ts'

// `npm run bench:drift`: false alarms and delays of drift detectors on the same explanations; writes a section of docs/benchmarks.md.
const { values } = parseArgs({ options: { seeds: { type: 'string' } } })
const mostSeeds = values.seeds === undefined ? Infinity : Number(values.seeds)

const peersFolder = join(root, 'tools/bench/peers')
const peers = startPeers(preparePeers(join(peersFolder, 'drift-requirements.txt')), join(peersFolder, 'run_drift.py'))
const directory = mkdtempSync(join(tmpdir(), 'bench-drift-'))
try {
  const versions = await askPeers<PeerVersions>(peers, { verb: 'versions' })
  const golden = findGolden()
  const sources = [...(golden === undefined ? [] : [await openTaiwan(golden)]), await openLoans()]
  const results: DriftResult[] = []
  for (const source of sources) results.push(await studySource(source, peers))
  writeFileSync(join(root, 'docs', 'benchmarks-drift.svg'), await plotDrift(results))
  writeSection(describeDrift(versions, results), 'drift')
  console.log(`Wrote ${report}`)
} finally {
  peers.close()
  rmSync(directory, { recursive: true, force: true })
}

/** Every seed's stream without drift, and its scenarios, before every detector. */
async function studySource(source: DriftSource, peers: PeerProcess): Promise<DriftResult> {
  const quiet: Watched[] = []
  const scenarios = source.scenarios.map((scenario) => ({ ...scenario, watched: [] as Watched[] }))
  for (let seed = 0; seed < Math.min(source.seeds, mostSeeds); seed++) {
    console.error(`${source.name}, seed ${seed + 1} of ${Math.min(source.seeds, mostSeeds)}`)
    const { reference, quiet: live, drifted } = source.draw(seed + 1)
    const watchers = watchersOf(source, reference)
    const watch = async (rows: Rows): Promise<Watched> => ({
      ...Object.fromEntries(watchers.map(({ name, alarms }) => [name, alarms(rows)])),
      ...(await askRiver(peers, join(directory, 'shares.f32'), source, reference, rows)),
    })
    quiet.push(await watch(live))
    if (seed < source.scenarioSeeds) for (const { name, watched } of scenarios) watched.push(await watch(drifted(name)))
  }
  return scoreOf(source, quiet, scenarios)
}
