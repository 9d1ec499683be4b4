import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findGolden } from './find-golden.ts'
import { preparePeers } from './peer-environment.ts'
import { root } from './places.ts'
import { report } from './report-section.ts'
import { benchSampledPeers } from './sampled-bench.ts'
import { benchTreePeers } from './tree-peers.ts'

const help = `npm run bench:peers -- [options]

Compares Raison with other people's explainers and writes docs/benchmarks.md.

  --only <part>     trees: exact explanations; sampled: any other model. Both unless said.
  --seeds <n>       of the sampled part, per decision; 5 unless said
  --minutes <n>     for fitting each surrogate, once; 6 unless said
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '6' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(help)
} else if (!['trees', 'sampled', undefined].includes(values.only)) {
  process.stderr.write(`--only is trees or sampled, not ${values.only}\n`)
  process.exitCode = 2
} else {
  const python = preparePeers(join(root, 'tools/bench/peers/requirements.txt'))
  const golden = findGolden()
  if (values.only !== 'sampled') await benchTreePeers(python, golden)
  if (values.only !== 'trees')
    await benchSampledPeers(python, golden, { seeds: Number(values.seeds), maxMinutes: Number(values.minutes) })
  console.log(`Wrote ${report}`)
}
