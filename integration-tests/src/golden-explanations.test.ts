import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataDir, goldenDir, noGolden, readTable, toDecisionLines, writeGoldenBundle, type Table } from './golden.ts'
import { jsonLines, runRaison } from './run-raison.ts'

interface ExplainedLine {
  readonly status: string
  readonly baseValue: number
  readonly modelOutput: number
  readonly contributions: readonly {
    readonly feature: string
    readonly value: number | null
    readonly contribution: number
  }[]
}

const datasets = ['taiwan', 'south_german']
const treeModels = ['xgb100d4', 'xgb200d6', 'lgbm']

describe.each(datasets)('raison explain on %s', (dataset) => {
  const cases = treeModels.flatMap((model) => (['bg100', 'bg1000'] as const).map((reference) => ({ model, reference })))

  test.for(cases)(
    'agrees with the exact values of $model against $reference to 1e-5 in log-odds',
    async ({ model, reference }, context) => {
      if (noGolden !== undefined) return context.skip(noGolden)
      const lines = await explainGolden(dataset, model, reference, readTable(join(goldenDir, dataset, 'rows20.csv')))
      const golden = JSON.parse(readFileSync(join(goldenDir, dataset, model, `shap_${reference}.json`), 'utf8')) as {
        phi: number[][]
        base: number
      }

      expect(lines).toHaveLength(20)
      lines.forEach((line, row) => {
        expect(line.baseValue).toBeCloseTo(golden.base, 5)
        line.contributions.forEach(({ contribution }, i) =>
          expect(Math.abs(contribution - golden.phi[row]![i]!)).toBeLessThan(1e-5),
        )
        expect(additivityGap(line)).toBeLessThan(1e-6)
      })
    },
  )

  // φ_i = β_i (x_i − mean x_i) with one β for all rows, and margins that are the native ones on 200 rows: that leaves one β.
  test('explains the logistic model as β_i (x_i − mean x_i), with its native margins', async (context) => {
    if (noGolden !== undefined) return context.skip(noGolden)
    if (!existsSync(dataDir)) return context.skip('no raw data here: set RAISON_DATA_DIR')
    const predictions = readTable(join(goldenDir, dataset, 'logreg', 'predictions.csv'))
    const background = readTable(join(goldenDir, dataset, 'bg1000.csv'))
    const means = background.columns.map(
      (_, i) => background.rows.reduce((sum, row) => sum + row[i]!, 0) / background.rows.length,
    )
    const lines = await explainGolden(dataset, 'logreg', 'bg1000', rawRows(dataset, background.columns, predictions))

    const margin = predictions.columns.indexOf('margin')
    const betas = means.map((mean, i) => steepest(lines, i, mean))
    lines.forEach((line, row) => {
      expect(Math.abs(line.modelOutput - predictions.rows[row]![margin]!)).toBeLessThan(1e-5)
      expect(additivityGap(line)).toBeLessThan(1e-6)
      line.contributions.forEach(({ value, contribution }, i) =>
        expect(Math.abs(contribution - betas[i]! * (value! - means[i]!))).toBeLessThan(1e-6),
      )
    })
  })
})

async function explainGolden(
  dataset: string,
  model: string,
  reference: 'bg100' | 'bg1000',
  table: Table,
): Promise<ExplainedLine[]> {
  const bundle = await writeGoldenBundle({ dataset, model, reference })
  const { status, stdout, stderr } = await runRaison(
    ['explain', '--bundle', bundle, '--contributions', 'all'],
    toDecisionLines(table),
  )
  await rm(bundle, { recursive: true })
  expect(status, stderr).toBe(0)
  return jsonLines<ExplainedLine>(stdout)
}

function additivityGap({ baseValue, modelOutput, contributions }: ExplainedLine): number {
  return Math.abs(contributions.reduce((sum, { contribution }) => sum + contribution, baseValue) - modelOutput)
}

/** β_i from the row furthest from the mean, where division costs the least. */
function steepest(lines: readonly ExplainedLine[], i: number, mean: number): number {
  const distances = lines.map(({ contributions }) => Math.abs(contributions[i]!.value! - mean))
  const { value, contribution } = lines[distances.indexOf(Math.max(...distances))]!.contributions[i]!
  return contribution / (value! - mean)
}

function rawRows(dataset: string, columns: readonly string[], predictions: Table): Table {
  const raw =
    dataset === 'taiwan'
      ? readTable(join(dataDir, 'UCI_Credit_Card.csv'))
      : readTable(join(dataDir, 'SouthGermanCredit.asc'), ' ')
  const positions = columns.map((name) => raw.columns.indexOf(name))
  return {
    columns,
    rows: predictions.rows.map(([source]) => positions.map((position) => raw.rows[source!]![position]!)),
  }
}
