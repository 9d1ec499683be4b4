import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { goldenFile, noGolden, readTable, toDecisionLines, writeGoldenBundle } from './golden.ts'
import { jsonLines, runRaison } from './run-raison.ts'

interface ExplainedLine {
  readonly baseValue: number
  readonly modelOutput: number
  readonly contributions: readonly {
    readonly contribution: number
    readonly interval: { readonly low: number; readonly high: number }
  }[]
}

/** By full enumeration; `row_positions` says of which of the 20 rows. */
interface Truth {
  readonly phi: readonly (readonly number[])[]
  readonly row_positions?: readonly number[]
}

const dataset = 'taiwan'

test.for(['mlp12', 'mlp'])(
  'raison explain after a quick raison fit comes close to the exact values of the net %s, and its intervals hold most',
  { timeout: 120_000 },
  async (model, context) => {
    if (noGolden !== undefined) return context.skip(noGolden)
    const truthFile = goldenFile(dataset, model, 'shap_bg100_exact.json')
    if (!existsSync(truthFile)) return context.skip(`no exact values of ${model} here`)
    const { phi, row_positions: positions } = JSON.parse(readFileSync(truthFile, 'utf8')) as Truth
    const bundle = await writeGoldenBundle({ dataset, model, reference: 'bg100' })
    onTestFinished(() => rm(bundle, { recursive: true }))

    const fitted = await runRaison(['fit', bundle, '--max-minutes', '0.05', '--max-milliseconds', '100', '--json'])
    expect(fitted.status, fitted.stderr).toBe(0)
    const { columns, rows } = readTable(goldenFile(dataset, model, 'rows20.csv'))
    const chosen = (positions ?? rows.map((_, k) => k)).map((position) => rows[position]!)
    const input = toDecisionLines({ columns, rows: chosen })
    const run = await runRaison(['explain', '--bundle', bundle, '--contributions', 'all'], input)
    expect(run.status, run.stderr).toBe(0)

    const lines = jsonLines<ExplainedLine>(run.stdout)
    expect(lines).toHaveLength(phi.length)
    expect(Math.max(...lines.map(additivityGap))).toBeLessThanOrEqual(1e-6)
    expect(median(lines.map((line, k) => relativeSquaredError(line, phi[k]!)))).toBeLessThan(1e-2)
    expect(coverage(lines, phi)).toBeGreaterThan(0.8)
  },
)

function additivityGap({ baseValue, modelOutput, contributions }: ExplainedLine): number {
  return Math.abs(contributions.reduce((sum, { contribution }) => sum + contribution, baseValue) - modelOutput)
}

function relativeSquaredError({ contributions }: ExplainedLine, truth: readonly number[]): number {
  const error = contributions.reduce((sum, { contribution }, i) => sum + (contribution - truth[i]!) ** 2, 0)
  return error / truth.reduce((sum, value) => sum + value ** 2, 0)
}

function coverage(lines: readonly ExplainedLine[], truths: Truth['phi']): number {
  const held = lines.flatMap(({ contributions }, k) =>
    contributions.map(({ interval }, i) => interval.low <= truths[k]![i]! && truths[k]![i]! <= interval.high),
  )
  return held.filter(Boolean).length / held.length
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
