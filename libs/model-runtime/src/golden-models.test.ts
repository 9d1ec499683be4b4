import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { evaluateTreesInto } from '@raison/trees'
import { describe, expect, it } from 'vitest'
import { checkParse } from './check-parse.ts'
import type { ExactRoute } from './model.ts'
import { openModel } from './open-model.ts'

const golden = process.env['RAISON_GOLDEN_DIR'] ?? fileURLToPath(new URL('../../../../shared/golden', import.meta.url))
const rawFiles = { taiwan: 'UCI_Credit_Card.csv', south_german: 'SouthGermanCredit.asc' }

describe.for(['taiwan', 'south_german'] as const)('models trained on %s', (dataset) => {
  it.for(['xgb100d4', 'xgb200d6', 'lgbm', 'logreg', 'mlp', 'mlp12'])(
    '%s gives the probabilities and margins of its native library',
    async (name, { skip }) => {
      if (!existsSync(golden)) skip(`no golden files at ${golden}: set RAISON_GOLDEN_DIR`)
      const { featureNames, rows, rowCount, probabilities, margins } = readPredictions(dataset, name)
      const bytes = readFileSync(`${golden}/${dataset}/${name}/model.onnx`)
      const model = await openModel({
        bytes,
        fileName: `${dataset}/${name}/model.onnx`,
        featureNames,
        output: 'probabilities',
        column: undefined,
        space: 'log-odds',
      })
      try {
        expect(largestDifference(await model.score(rows, rowCount), probabilities)).toBeLessThan(1e-6)
        expect(model.exact === undefined).toBe(name.startsWith('mlp'))
        if (model.exact === undefined) return
        expect(await checkParse(model, 'log-odds', rows, rowCount)).toBeLessThan(1e-5)
        expect(largestDifference(evaluate(model.exact, rows, rowCount), margins)).toBeLessThan(1e-5)
      } finally {
        await model.close()
      }
    },
  )
})

function readPredictions(dataset: keyof typeof rawFiles, name: string) {
  const split = JSON.parse(readFileSync(`${golden}/${dataset}/split.json`, 'utf8'))
  const featureNames: string[] = name === 'mlp12' ? split.mlp12_columns : split.columns
  const predictions = readTable(`${golden}/${dataset}/${name}/predictions.csv`)
  const raw = readTable(`${golden}/../data/${rawFiles[dataset]}`)
  return {
    featureNames,
    rowCount: predictions.length,
    rows: Float32Array.from(
      predictions.flatMap((prediction) => featureNames.map((feature) => raw[prediction['source_row']!]![feature]!)),
    ),
    probabilities: predictions.map((prediction) => prediction['proba1']!),
    margins: predictions.map((prediction) => prediction['margin']!),
  }
}

function readTable(path: string): Record<string, number>[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const columns = header!.trim().split(/[ ,]/)
  return lines.map((line) => Object.fromEntries(line.split(/[ ,]/).map((cell, i) => [columns[i], Number(cell)])))
}

function evaluate({ form }: ExactRoute, rows: Float32Array, rowCount: number): Float64Array {
  const out = new Float64Array(rowCount)
  if (form.kind === 'trees') evaluateTreesInto(form.ensemble, rows, rowCount, out)
  else
    out.forEach((_, row) => {
      const { coefficients, intercept } = form
      out[row] = coefficients.reduce((sum, c, i) => sum + c * rows[row * coefficients.length + i]!, intercept)
    })
  return out
}

const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((value, i) => Math.abs(value - a[i]!)))
