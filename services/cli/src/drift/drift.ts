import { writeFile } from 'node:fs/promises'
import { enoughExplanations } from '@raison/drift'
import { amountOf, count } from '../amount-of.ts'
import { printable } from '../printable.ts'
import { refuseSameFile } from '../refuse-same-file.ts'
import { CliError } from '../report-error.ts'
import { withProgress } from '../with-progress.ts'
import { readBaselines, type Baselines } from './baselines.ts'
import { tellDifferences } from './differences.ts'
import { modelOf } from './read-explanations.ts'
import { toJson } from './report-json.ts'
import { toText } from './report-text.ts'
import { tellLeftOut } from './slices.ts'
import { watchFile, type WatchOptions, type WatchResult } from './watch-file.ts'

export interface DriftOptions extends Omit<WatchOptions, 'byKey'> {
  readonly baseline?: string
  readonly input: string
  readonly byKey?: boolean
  /** Features: what has one value of one of them is watched by itself too. */
  readonly slice?: readonly string[]
  readonly json?: boolean
  /** File of the report. */
  readonly html?: string
}

/** Watches a file of explanations for drift; answers the exit status: 4 with an alarm, 0 without. */
export async function drift(options: DriftOptions): Promise<number> {
  const { baseline, input, window, runLength, byKey = false, slice = [], json, html } = options
  if (baseline === undefined) throw new CliError('USAGE', 'beside what? Name a file of explanations: --baseline <file>')
  if (html !== undefined) {
    await refuseSameFile(['--baseline', baseline], ['--html', html])
    await refuseSameFile(['--input', input], ['--html', html])
  }
  const baselines = await withProgress((tell) =>
    readBaselines(baseline, slice, (read) => tell(`baseline: ${amountOf(read, 'explanation')}`)),
  )
  refuseSeveral(baseline, baselines, byKey)
  warnOfFew(baselines)
  warnOfLeftOut(baselines)
  const settings = { window, runLength, byKey }
  const result = await withProgress((tell) =>
    watchFile(input, baselines.byKey, settings, (read) => tell(amountOf(read, 'explanation'))),
  )
  if (result.explanations === 0) console.error('note: the input holds no explanation that counts')
  warnOfUnwatched(result)
  const report = { ...result, reference: baselines.skipped, window, runLength }
  process.stdout.write(json ? `${toJson(report, byKey)}\n` : toText(report, process.stdout.isTTY === true))
  if (html !== undefined) await writeReport(html, report)
  return result.keys.some(({ alarms, quality }) => alarms.length > 0 || (quality?.alarms.length ?? 0) > 0) ? 4 : 0
}

/** What was watched, and how. */
export interface DriftReport extends WatchResult {
  /** Lines of the baseline's file that did not count. */
  readonly reference: Baselines['skipped']
  readonly window: number
  readonly runLength: number
}

function refuseSeveral(file: string, { byKey: watched, single }: Baselines, byKey: boolean): void {
  const examples = [...Array.from(watched.values(), ({ example }) => example!), ...single]
  if (examples.length > 1 && !byKey)
    throw new CliError(
      'SEVERAL_BASELINES',
      `${file} holds explanations of ${examples.length} baselines, which differ in ${tellDifferences(examples)}; --by-key watches each by itself`,
    )
}

function warnOfFew({ byKey, single }: Baselines): void {
  for (const example of single)
    console.error(
      `warning: the baseline's file holds one explanation of ${printable(modelOf(example))}, which is no baseline`,
    )
  for (const { model, baseline } of byKey.values())
    if (baseline.warmingUp)
      console.error(
        `warning: the baseline of ${printable(model)} is ${amountOf(baseline.reference.explanations, 'explanation')}: below ${count(enoughExplanations)} only large drift is seen`,
      )
}

function warnOfLeftOut({ byKey }: Baselines): void {
  for (const baseline of byKey.values())
    for (const said of tellLeftOut(baseline)) console.error(`warning: ${printable(`${baseline.model}: ${said}`)}`)
}

function warnOfUnwatched({ withoutBaseline }: WatchResult): void {
  for (const { model, explanations } of withoutBaseline.values())
    console.error(
      `warning: ${amountOf(explanations, 'explanation')} of ${printable(model)} without a baseline: not watched`,
    )
}

async function writeReport(file: string, report: DriftReport): Promise<void> {
  const { toHtml } = await import('./report-html.ts')
  await writeFile(file, await toHtml(report))
  console.error(`report: ${file}`)
}
