import { momentsOf, type Slice, type Window } from '@raison/drift'
import { amountOf, count, threeDigits } from '../amount-of.ts'
import type { DriftReport } from './drift.ts'
import { episodesOf, featureOf, statisticNames, type Episode } from './name-alarm.ts'
import { plotEvidence, plotLead, plotShares } from './plots.ts'
import { tellLeftOut, tellSlices } from './slices.ts'
import type { KeyResult } from './watch-file.ts'
import type { Watched } from './watch.ts'
import { whatWasNotWatched, whatWasRead } from './what-was-read.ts'
import { whyUntested } from './why-untested.ts'

/** One page by itself: no script, nothing from the network. */
export async function toHtml(report: DriftReport): Promise<string> {
  const sections: string[] = []
  for (const result of report.keys) sections.push(await describeKey(result, report))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Drift of the reasons</title>
<style>${style}</style>
</head>
<body>
<h1>${headline(report.keys)}</h1>
${whatWasRead(report)
  .map((said) => `<p>${said}.</p>`)
  .join('\n')}
<p>While nothing drifts, a false alarm comes once in
${count(report.runLength)} windows at the most, on average.</p>
${[...sections, ...whatWasNotWatched(report).map((said) => `<p>${escape(said)}.</p>`)].join('\n')}
</body>
</html>
`
}

function headline(keys: readonly KeyResult[]): string {
  const alarmsIn = (watched: readonly (Watched | undefined)[]): number =>
    watched.reduce((sum, one) => sum + (one?.alarms.length ?? 0), 0)
  const [reasons, quality] = [alarmsIn(keys), alarmsIn(keys.map((key) => key.quality))]
  const found = [
    ...(reasons > 0 ? [`The reasons have drifted: ${amountOf(reasons, 'alarm')}`] : []),
    ...(quality > 0 ? [`The quality of the explanations has drifted: ${amountOf(quality, 'alarm')}`] : []),
  ]
  if (found.length > 0) return found.join('. ')
  return keys.some(({ windows }) => windows > 0) ? 'No drift of the reasons was found' : 'Nothing was tested'
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse}td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #dde3ea}
td:first-child,th:first-child{text-align:left}td:first-child{overflow-wrap:anywhere}
.alarm td:nth-child(2),.alarm th:nth-child(2){text-align:left}.alarm{border-left:4px solid #d1495b;padding-left:1rem;margin:1rem 0}
svg{max-width:100%;height:auto}`

async function describeKey(result: KeyResult, report: DriftReport): Promise<string> {
  const { baseline, windows, left } = result
  return [
    `<h2>${escape(baseline.model)}</h2>`,
    `<p>${amountOf(windows, 'window')} beside a baseline of ${amountOf(baseline.baseline.reference.explanations, 'explanation')}; ${amountOf(left, 'explanation')} after the last whole
window were not looked at.</p>`,
    ...[...tellSlices(baseline), ...tellLeftOut(baseline)].map((said) => `<p>${escape(said)}.</p>`),
    await describeReasons(result, report),
    ...(await describeQuality(result, report)),
  ].join('\n')
}

async function describeReasons(result: KeyResult, { runLength, window }: DriftReport): Promise<string> {
  const { description } = result
  if (description === undefined) return `<p><strong>${whyUntested(result, window)}.</strong></p>`
  return [
    ...(await describeAlarms(result)),
    '<h3>Evidence</h3>',
    `<p>Above the dashed line, ${count(runLength)}, it is an alarm, and begins anew.</p>`,
    await plotEvidence(result, runLength),
    '<h3>What the features contribute</h3>',
    '<p>Now: all whole windows together, those before an alarm too.</p>',
    await plotShares(result),
    '<h3>The usual measures</h3>',
    `<p>Of all whole windows together beside the baseline, to be looked at; they raise no alarm. nDCG ${description.ndcg.toFixed(4)}, Spearman ${description.spearman.toFixed(4)}.
The distances are those of a feature's share of all contribution.</p>`,
    table(
      ['feature', 'mean |c| then', 'now', 'PSI', 'Jensen–Shannon', 'Wasserstein', 'KS'],
      description.features.map((feature) => [
        feature.feature,
        ...[
          feature.referenceImportance,
          feature.importance,
          feature.psi,
          feature.jensenShannon,
          feature.wasserstein,
          feature.ks,
        ].map((value) => value.toFixed(4)),
      ]),
    ),
  ].join('\n')
}

/** How it was on average, and of alarms how they came about. */
async function describeQuality({ quality }: KeyResult, { runLength }: DriftReport): Promise<string[]> {
  if (quality === undefined || quality.windows === 0) return []
  const [{ baseline }] = quality.slices as [Slice]
  const meanIn = (counted: Window, i: number): string => momentsOf(counted, 'value', i)!.mean.toFixed(4)
  return [
    '<h3>Quality of the explanations</h3>',
    `<p>${amountOf(quality.windows, 'window')}, degraded explanations in them too: ${quality.alarms.length > 0 ? amountOf(quality.alarms.length, 'alarm') : 'no alarm'}.</p>`,
    ...(await describeAlarms(quality)),
    ...(quality.alarms.length > 0 ? [await plotEvidence(quality, runLength)] : []),
    table(
      ['measure', 'mean then', 'now'],
      baseline.scale.features.map((name, i) => [name, meanIn(baseline.reference, i), meanIn(quality.whole, i)]),
    ),
  ]
}

async function describeAlarms(watched: Watched): Promise<string[]> {
  const episodes: string[] = []
  for (const [k, episode] of episodesOf(watched).entries())
    episodes.push(await describeEpisode(watched, episode, k < mostDrawn))
  return episodes
}

/** Of so many alarms the distributions are drawn. */
const mostDrawn = 12

async function describeEpisode(watched: Watched, { first, last }: Episode, drawn: boolean): Promise<string> {
  const rows = first.named.map(({ statistic, direction, before, now, evidence, ...of }) => [
    featureOf(of),
    `${statisticNames[statistic]}, ${direction}`,
    before.toFixed(3),
    now.toFixed(3),
    threeDigits(evidence),
  ])
  return `<div class="alarm"><h3>${first.window === last ? `Window ${last}` : `Windows ${first.window} to ${last}`}, probably since window ${first.since}</h3>
<p>Raised by lines ${count(first.lines.first)} to ${count(first.lines.last)} of the input; window ${first.since} begins at line ${count(first.lines.since)}.</p>
${table(['feature', 'what', 'then', 'now', 'evidence'], rows)}
${drawn ? await plotLead(watched, first) : ''}</div>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`
  return `<table>\n${[line('th', head), ...rows.map((row) => line('td', row))].join('\n')}\n</table>`
}

/** Names come from files. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
