import type { ModelOutcome, Outcome } from './compare-model.ts'
import { machine } from './machine.ts'
import { median, spread } from './spread.ts'

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
    '## The same numbers, and the time before the first\n',
    sameNumbers,
    describeAgainstShap(results),
    caveats,
  ].join('\n')
}

const introduction = `# Benchmarks beside the peers

Written by \`npm run bench:peers\`, which trains the models on simulated loan applications (\`examples/loan-demo\`),
installs the peers at pinned versions into the user's cache, and measures both sides in turn. With
\`RAISON_GOLDEN_DIR\` or \`../shared/golden\` at hand it adds two models of Taiwanese credit card clients (UCI 350).
`

const reading = `Milliseconds per decision, the median of five rounds, three for calls of seconds (smallest – largest); each side has one
thread. In a round both sides are measured one right after the other, in alternating order, and the ratio is theirs to
ours of the same round: above 1 Raison is faster, below 1 slower. "Rows a call" is ours / theirs; one row a call is what
a stream does. Preparation is left out on both sides (it is in the last table), except where a peer prepares in its call.

- **shap**: TreeExplainer, interventional, the same exact values as ours. Its time grows with the reference rows.
- **woodelf**: WoodelfExplainer, the same exact values, made for large batches. It prepares inside each
  call, so that one row takes nearly as long as a thousand.
- **native**: \`pred_contribs\` of XGBoost, \`pred_contrib\` of LightGBM. Path-dependent values, an easier and **different**
  question: they take the training rows' counts in the trees for the reference, and none of ours.
`

const sameNumbers = `Largest absolute difference of a contribution from shap's, in log-odds, over 100 rows (every feature its own player); the
time each side needs before its first decision, measured once; and after how many decisions, one a call, Raison is ahead.
`

const caveats = `## What this does not say

- The tables that make a decision cheap are prepared when a bundle is loaded. For a handful of decisions on a deep model
  that costs more than it saves: the last column says from where on it pays.
- The peers run inside Python, with NumPy arrays made beforehand; one row a call carries Python's cost of a call, which
  larger calls share.
- fasttreeshap 0.1.6 is built for NumPy 1 and an older shap, and does not load beside these versions.
- Only trees are compared here, on machines with few cores and other work on them (see the load above): read the ratios, not
  the milliseconds.
`

function describeMachine({ python, packages }: PeerVersions): string {
  const peers = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `Machine: ${machine()}; Python ${python}; ${peers.join(', ')}.\n`
}

function describeModel({ model, outcomes }: ModelOutcome): string {
  const head = '| peer | reference rows | rows a call | Raison, ms | peer, ms | ratio |\n|---|---|---|---|---|---|'
  return `### ${model[0]!.toUpperCase()}${model.slice(1)}\n\n${head}\n${outcomes.map(describeOutcome).join('\n')}\n`
}

function describeOutcome({ peer, background, ourBatch, theirBatch, ours, theirs, error }: Outcome): string {
  const reference = peer === 'native' ? `${background} / none` : String(background)
  const cells = [peer, reference, `${ourBatch} / ${theirBatch}`]
  if (error !== undefined) return `| ${[...cells, '', `did not run: ${error}`, ''].join(' | ')} |`
  const ratios = theirs.map((time, round) => time / ours[round]!)
  return `| ${[...cells, spread(ours), spread(theirs), spread(ratios)].join(' | ')} |`
}

function describeAgainstShap(results: readonly ModelOutcome[]): string {
  const head = '| model | reference rows | largest difference | Raison ready in, ms | shap ready in, ms | ahead after |'
  const rows = results.flatMap(({ model, againstShap, outcomes }) =>
    againstShap.map(({ background, gap, ourPreparation, theirPreparation }) => {
      const single = outcomes.find((o) => o.peer === 'shap' && o.background === background && o.theirBatch === 1)!
      const saved = median(single.theirs) - median(single.ours)
      const ahead = saved > 0 ? Math.max(1, Math.ceil((ourPreparation - theirPreparation) / saved)) : 'never'
      return `| ${[model, background, gap.toExponential(1), Math.round(ourPreparation), Math.round(theirPreparation), ahead].join(' | ')} |`
    }),
  )
  return `${head}\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`
}
