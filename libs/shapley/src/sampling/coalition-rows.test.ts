import { createRandom } from '@raison/numerics'
import { expect, it } from 'vitest'
import { prepareExact } from '../exact-explainer.ts'
import { randomEnsemble, randomRows } from '../random-ensemble.test-data.ts'
import { hybridRowsInto, meanOverBackgroundInto } from './coalition-rows.ts'
import { leverageShap } from './leverage-shap.ts'

it('a plan, its rows scored by trees and the solution give the exact contributions of groups of features', () => {
  const random = createRandom(3)
  const [featureCount, rowCount] = [9, 7]
  const ensemble = randomEnsemble(random, { treeCount: 6, featureCount, depth: 4 })
  const players = { count: 6, ofFeature: Int32Array.of(0, 1, 2, 0, 3, 4, 5, 2, 5) }
  const background = { rows: randomRows(random, rowCount, featureCount, 0.1), rowCount }
  const row = randomRows(random, 1, featureCount)
  const explainer = prepareExact({ kind: 'trees', ensemble }, background, players)
  const expected = new Float64Array(6)
  explainer.explainInto(row, 1, expected)

  const plan = leverageShap.plan(6, 62, random)
  const rows = new Float32Array(plan.coalitionCount * rowCount * featureCount)
  hybridRowsInto(plan, players, row, background, rows)
  const scores = new Float64Array(plan.coalitionCount * rowCount)
  explainer.outputsInto(rows, scores.length, scores)
  const values = new Float64Array(plan.coalitionCount)
  meanOverBackgroundInto(scores, rowCount, values)
  const output = new Float64Array(1)
  explainer.outputsInto(row, 1, output)
  const estimate = leverageShap.solve(plan, values, explainer.baseValue, output[0]!)

  expect(estimate.exact).toBe(true)
  expected.forEach((value, i) => expect(estimate.values[i]).toBeCloseTo(value, 12))
})

it('rows stand coalition by coalition, each with every background row', () => {
  const plan = { playerCount: 2, coalitionCount: 2, coalitions: Uint8Array.of(0, 1, 1, 0), exact: true }
  const players = { count: 2, ofFeature: Int32Array.of(0, 1) }
  const out = new Float32Array(8)
  hybridRowsInto(plan, players, Float32Array.of(1, 2), { rows: Float32Array.of(10, 11, 20, 21), rowCount: 2 }, out)
  expect(Array.from(out)).toEqual([10, 2, 20, 2, 1, 11, 1, 21])
})
