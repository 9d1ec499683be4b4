import { describeRunLengths } from './run-lengths.ts'
import type { PeerVersions } from '../describe-results.ts'
import { machine } from '../machine.ts'
import { runLength } from './detectors.ts'
import type { Delay, DriftResult } from './score.ts'
import { referenceSize, windowSize } from './source.ts'

/** The section of docs/benchmarks.md. */
export function describeDrift({ packages }: PeerVersions, results: readonly DriftResult[]): string {
  const peers = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return [
    '## Drift of the reasons: false alarms and delays',
    introduction,
    `Machine: ${machine()}; ${peers.join(', ')}.`,
    '![False alarms against delay](benchmarks-drift.svg)',
    ...results.map(describeSource),
    describeRunLengths(),
  ].join('\n\n')
}

const introduction = `Written by \`npm run bench:drift\`. Every detector sees the same explanations in windows of ${windowSize}, after a reference of
${referenceSize.toLocaleString('en')} others. Raison's is the e-detector with a promised run length of ${runLength.toLocaleString('en')} windows, and also sees
of a feature's value whether it is the usual one, among the lowest or among the highest tenth; river's see every explanation's share of every feature, after 5,000 of the reference; the others are the usual rules
on a window's shares, or on its values. A delay is counted in windows from the change to the
first alarm after it, 1 at the least: the median over the seeds, "to" the longest; in brackets the streams in which it was found, when not in all.
"–" means that most streams ended without an alarm.`

function describeSource({ source, features, windows, quietWindows, seeds, scenarios, detectors }: DriftResult): string {
  const columns = ['detector', 'false alarms in 1,000 windows', ...scenarios.map(nameOf)]
  return [
    `### ${source}\n`,
    `${features} features; ${quietWindows.toLocaleString('en')} windows without drift; ${seeds} streams a scenario, which begins after ${windows.before} windows and lasts for ${windows.after}.\n`,
    row(columns),
    `|${'---|'.repeat(columns.length)}`,
    ...detectors.map(({ name, falseAlarms, delays }) =>
      row([name, rate(falseAlarms, quietWindows), ...delays.map(describeDelay)]),
    ),
  ].join('\n')
}

const nameOf = ({ name, harmless }: DriftResult['scenarios'][number]): string =>
  harmless ? `${name} (nothing to see)` : name

function rate(alarms: number, windows: number): string {
  return alarms === 0 ? `0 of ${windows.toLocaleString('en')}` : ((1000 * alarms) / windows).toPrecision(2)
}

function describeDelay({ median, longest, found, of }: Delay): string {
  const all = found === of ? '' : ` (${found}/${of})`
  const most = longest > median ? ` to ${longest}` : ''
  return Number.isFinite(median) ? `${median}${most}${all}` : `–${found === 0 ? '' : all}`
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
