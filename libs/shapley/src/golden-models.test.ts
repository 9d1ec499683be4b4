import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { evaluateTreesInto, type TreeEnsemble } from '@raison/trees'
import { describe, expect, it } from 'vitest'
import { prepareExact } from './exact-explainer.ts'
import { singlePlayers } from './random-ensemble.test-data.ts'

/** Real credit models with the exact values that shap's TreeExplainer gives for them. */
const goldenDir =
  process.env['RAISON_GOLDEN_DIR'] ?? fileURLToPath(new URL('../../../../shared/golden', import.meta.url))
const absent = !existsSync(goldenDir)

interface GoldenValues {
  readonly phi: number[][]
  readonly base: number
  readonly fx: number[]
}

describe('exact explanations of real XGBoost models', () => {
  for (const dataSet of ['taiwan', 'south_german'])
    for (const model of ['xgb100d4', 'xgb200d6'])
      for (const background of ['bg100', 'bg1000'])
        it(`agree with TreeExplainer on ${dataSet} ${model} against ${background}`, ({ skip }) => {
          skip(absent, `no golden models in ${goldenDir}: set RAISON_GOLDEN_DIR`)
          const ensemble = parseXgboost(readText(`${dataSet}/${model}/native.json`))
          const rows = parseCsv(readText(`${dataSet}/rows20.csv`))
          const golden = JSON.parse(readText(`${dataSet}/${model}/shap_${background}.json`)) as GoldenValues
          const explained = explain(ensemble, parseCsv(readText(`${dataSet}/${background}.csv`)), rows)

          expect(Math.abs(explained.baseValue - golden.base)).toBeLessThan(1e-5)
          expect(farthest(explained.outputs, golden.fx)).toBeLessThan(1e-5)
          expect(farthest(explained.values, golden.phi.flat())).toBeLessThan(1e-5)
          expect(explained.additivityGap).toBeLessThan(1e-9)
        })
})

function explain(ensemble: TreeEnsemble, background: Float32Array, rows: Float32Array): Explained {
  const n = ensemble.featureCount
  const rowCount = rows.length / n
  const explainer = prepareExact(
    { kind: 'trees', ensemble },
    { rows: background, rowCount: background.length / n },
    singlePlayers(n),
  )
  const values = new Float64Array(rowCount * n)
  const outputs = new Float64Array(rowCount)
  explainer.explainInto(rows, rowCount, values)
  evaluateTreesInto(ensemble, rows, rowCount, outputs)
  const gaps = Array.from(outputs, (output, row) =>
    Math.abs(values.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value, explainer.baseValue) - output),
  )
  return { values, outputs, baseValue: explainer.baseValue, additivityGap: Math.max(...gaps) }
}

interface Explained {
  readonly values: Float64Array
  readonly outputs: Float64Array
  readonly baseValue: number
  readonly additivityGap: number
}

function farthest(values: Float64Array, expected: readonly number[]): number {
  expect(values).toHaveLength(expected.length)
  return Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)))
}

function readText(path: string): string {
  return readFileSync(`${goldenDir}/${path}`, 'utf8')
}

function parseCsv(text: string): Float32Array {
  const lines = text.trim().split('\n').slice(1)
  return Float32Array.from(lines.flatMap((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell)))))
}

interface XgboostTree {
  readonly left_children: number[]
  readonly right_children: number[]
  readonly split_indices: number[]
  readonly split_conditions: number[]
  readonly default_left: number[]
}

/** XGBoost goes left where `x < condition`, keeps leaf values in the same list, and writes its base score as a probability. */
function parseXgboost(text: string): TreeEnsemble {
  const { learner } = JSON.parse(text) as {
    learner: {
      learner_model_param: { base_score: string; num_feature: string }
      gradient_booster: { model: { trees: XgboostTree[] } }
    }
  }
  const trees = learner.gradient_booster.model.trees
  const starts = trees.map((_, t) => trees.slice(0, t).reduce((sum, tree) => sum + tree.left_children.length, 0))
  const nodes = trees.flatMap((tree, t) =>
    tree.left_children.map((left, i) => {
      const isLeaf = left < 0
      const condition = tree.split_conditions[i]!
      return {
        feature: isLeaf ? -1 : tree.split_indices[i]!,
        threshold: isLeaf ? 0 : previousFloat32(condition),
        left: isLeaf ? -1 : starts[t]! + left,
        right: isLeaf ? -1 : starts[t]! + tree.right_children[i]!,
        missingLeft: tree.default_left[i]!,
        value: isLeaf ? Math.fround(condition) : 0,
      }
    }),
  )
  const baseScore = Number(learner.learner_model_param.base_score.replace(/[[\]]/g, ''))
  return {
    featureCount: Number(learner.learner_model_param.num_feature),
    baseValue: Math.log(baseScore / (1 - baseScore)),
    roots: Int32Array.from(starts),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    missingLeft: Uint8Array.from(nodes, (node) => node.missingLeft),
    value: Float64Array.from(nodes, (node) => node.value),
  }
}

/** The largest float32 below x: one step in the integer order of the bits. */
function previousFloat32(x: number): number {
  const floats = new Float32Array([x])
  const bits = new Int32Array(floats.buffer)
  if (floats[0] === 0) return -(2 ** -149)
  bits[0]! += floats[0]! > 0 ? -1 : 1
  return floats[0]!
}
