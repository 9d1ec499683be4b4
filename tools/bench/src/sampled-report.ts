import { machine } from './machine.ts'
import type { PeerVersions } from './describe-results.ts'
import type { SampledResult } from './sampled-comparison.ts'
import { needFor, quantile, type Need, type SampledPoint } from './sampled-measures.ts'
import { shipped } from './sampled-ours.ts'
import { peerMethods } from './sampled-peers.ts'
import type { UnlikeResult } from './sampled-unlike.ts'

/** The section of docs/benchmarks.md. */
export function describeSampled(
  { python, packages }: PeerVersions,
  results: readonly SampledResult[],
  unlike: readonly UnlikeResult[],
): string {
  const peers = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return [
    introduction,
    `Machine: ${machine()}; Python ${python}; ${peers.join(', ')}.\n`,
    '### What an error costs\n',
    needs,
    describeNeeds(results),
    '![Error against model rows and time](benchmarks-sampled.svg)\n',
    ...results.map(describeCase),
    '### Without training rows, and models of other kinds\n',
    kinds,
    describeUnlike(unlike),
  ].join('\n')
}

const introduction = `## Any other model: a surrogate corrected by sampling

Written by \`npm run bench:peers -- --only sampled\`. Nets have no exact route: \`raison fit\` prepares a surrogate once, and a
decision asks the model for a few hundred rows more. The error is |φ̂ − φ|² / |φ|² against the true contributions (every coalition over all
100 reference rows), in log-odds, every feature its own player. All sides ask the same ONNX file through onnxruntime, one
thread each, and count the same rows: the decision's own and every hybrid; the reference's mean is known beforehand to all. The time is
processor time of all threads, one decision a call.
`

const needs = `Model rows and milliseconds of a decision for a median error, interpolated between budgets (linear in logarithms). "At most" is
the smallest budget, "more than" the largest that was tried; a ratio is how many times more the peer takes.
`

const kinds = `As shipped, without peers: the nets above fitted without training rows, and models that the surrogate was not designed on,
trained on simulated applications. Where 2^players coalitions can be asked, the truth is theirs; where not, 262,144 rows of other seeds stand for it. "Covered" is
the share of true contributions inside their 95 % intervals.
`

const targets = [1e-3, 3e-4]

function describeNeeds(results: readonly SampledResult[]): string {
  const head = row('model', 'median error', 'method', 'model rows', 'ratio', 'ms', 'ratio') + rule(7)
  const rows = results.flatMap((result) => targets.flatMap((error) => describeNeed(result, error)))
  return [head, ...rows, ''].join('\n')
}

function describeNeed({ title, points }: SampledResult, error: number): string[] {
  const needOf = (method: string, amountOf: (point: SampledPoint) => number): Need =>
    needFor(
      points.filter((point) => point.method === method),
      error,
      amountOf,
    )
  return [shipped, ...peerMethods.map(({ method }) => method)].map((method) => {
    const cells = [(p: SampledPoint) => p.rows, (p: SampledPoint) => p.milliseconds].flatMap((amountOf) => {
      const [ours, theirs] = [needOf(shipped, amountOf), needOf(method, amountOf)]
      return [amount(theirs), method === shipped ? '' : ratio(theirs, ours)]
    })
    return row(title, error.toExponential(0), method, ...cells)
  })
}

function amount({ amount: value, bound }: Need): string {
  return `${bound === undefined ? '' : `${bound} `}${short(value)}`
}

/** A bound on either side bounds the ratio, unless both point the same way. */
function ratio(theirs: Need, ours: Need): string {
  if (ours.bound === 'more than') return ''
  const bound = ours.bound === 'at most' || theirs.bound === 'more than'
  return theirs.bound === 'at most' ? '' : `${bound ? '≥ ' : ''}${short(theirs.amount / ours.amount)}`
}

function describeCase({ title, players, decisions, seeds, method, fidelity, points }: SampledResult): string {
  return [
    `#### ${title}\n`,
    `${decisions} decisions × ${seeds} seeds, ${players} players; ${method}, R² ${fidelity.toFixed(5)} on rows that the fit never saw.\n`,
    row('method', 'model rows', 'median error', '90th percentile', 'top four agree', 'ms', 'covered') + rule(7),
    ...points.map((point) =>
      row(point.method, short(point.rows), ...quality(point), point.milliseconds.toPrecision(3), covered(point)),
    ),
    '',
  ].join('\n')
}

function describeUnlike(results: readonly UnlikeResult[]): string {
  const columns = ['model', 'players', 'kept', 'R²', 'model rows', 'median error', '90th percentile', 'top four agree']
  return [
    row(...columns, 'ms', 'covered') + rule(columns.length + 2),
    ...results.map(({ title, players, method, fidelity, point }) =>
      row(
        title,
        String(players),
        method.replace('kernel-shap on ', ''),
        fidelity.toFixed(5),
        short(point.rows),
        ...quality(point),
        point.milliseconds.toPrecision(3),
        covered(point),
      ),
    ),
    '',
  ].join('\n')
}

function quality({ errors, topAgreement }: SampledPoint): string[] {
  return [quantile(errors, 0.5).toExponential(1), quantile(errors, 0.9).toExponential(1), topAgreement.toFixed(3)]
}

function covered({ coverage }: SampledPoint): string {
  return coverage === undefined ? '' : `${(100 * coverage).toFixed(1)} %`
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const rule = (columns: number): string => `\n|${'---|'.repeat(columns)}`

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
