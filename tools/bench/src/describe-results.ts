import { availableParallelism, cpus } from 'node:os'
import type { ModelOutcome, Outcome } from './compare-model.ts'

export interface PeerVersions {
  readonly python: string
  readonly packages: Readonly<Record<string, string>>
}

/** The report in Markdown. */
export function describeResults(versions: PeerVersions, results: readonly ModelOutcome[]): string {
  return [
    introduction,
    describeMachine(versions),
    '## Time per decision\n',
    reading,
    ...results.map(describeModel),
    '## Same numbers\n',
    sameNumbers,
    describeGaps(results),
    caveats,
  ].join('\n')
}

const introduction = `# Benchmarks beside the peers

Written by \`npm run bench:peers\`, which trains the models on simulated loan applications (\`examples/loan-demo\`),
installs the peers at pinned versions into the user's cache, and measures both sides in turn. With
\`RAISON_GOLDEN_DIR\` or \`../shared/golden\` at hand it adds two models of Taiwanese credit card clients (UCI 350).
`

const reading = `Milliseconds per decision, the median of five rounds (smallest – largest); each side has one thread. In a round both
sides are measured one right after the other, in alternating order, and the ratio is theirs to ours of the same round:
above 1 Raison is faster. "One" explains one row a call, as a stream does; "batch" many rows a call. Times to load a model and
to prepare tables are left out on both sides, except where a peer prepares inside its call.

- **shap**: TreeExplainer, interventional, the same exact values as ours. Its time grows with the reference rows.
- **woodelf**: WoodelfExplainer, the same exact values, made for large batches: it reads the tables anew in each call.
- **native**: \`pred_contribs\` of XGBoost, \`pred_contrib\` of LightGBM. Path-dependent values, an easier and **different**
  question: they take the training rows' counts in the trees for the reference, and none of ours.
`

const sameNumbers = `Largest absolute difference of a contribution from shap's, in log-odds, over 100 rows (every feature its own player).
`

const caveats = `## What this does not say

- The tables that make a decision cheap are prepared when a bundle is loaded; the time is in the last column above, and
  deeper trees need more of it.
- The peers run inside Python, with NumPy arrays made beforehand; one row a call carries Python's cost of a call, and the
  batch rows of the table carry it once.
- fasttreeshap 0.1.6 is built for NumPy 1 and an older shap, and does not load beside these versions.
- XGBoost sums in 32-bit floats, and we add its leaves in 64-bit; differences near 1e-6 come from there.
- Only trees are compared here, on machines with few cores and other work on them: read the ratios, not the milliseconds.
`

function describeMachine({ python, packages }: PeerVersions): string {
  const peers = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `Machine: ${processor}, ${availableParallelism()} cores; Node ${process.versions.node}; Python ${python}; ${peers.join(', ')}.\n`
}

function describeModel({ model, outcomes }: ModelOutcome): string {
  const head = '| peer | reference rows | rows a call | Raison, ms | peer, ms | ratio |\n|---|---|---|---|---|---|'
  return `### ${model[0]!.toUpperCase()}${model.slice(1)}\n\n${head}\n${outcomes.map(describeOutcome).join('\n')}\n`
}

function describeOutcome({ peer, background, theirBatch, ours, theirs, error }: Outcome): string {
  const reference = peer === 'native' ? `${background} / none` : String(background)
  const cells = [peer, reference, theirBatch === 1 ? 'one' : 'batch']
  if (error !== undefined) return `| ${[...cells, '', `did not run: ${error}`, ''].join(' | ')} |`
  const ratios = theirs.map((time, round) => time / ours[round]!)
  return `| ${[...cells, spread(ours), spread(theirs), spread(ratios)].join(' | ')} |`
}

function describeGaps(results: readonly ModelOutcome[]): string {
  const rows = results.flatMap(({ model, gaps, preparedIn }) =>
    gaps.map(({ background, gap }, i) => {
      const prepared = Math.round(preparedIn[i]!.milliseconds)
      return `| ${model} | ${background} | ${gap.toExponential(1)} | ${prepared} |`
    }),
  )
  return `| model | reference rows | largest difference | tables prepared in, ms |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]!
  return `${short(middle)} (${short(sorted[0]!)} – ${short(sorted.at(-1)!)})`
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}
