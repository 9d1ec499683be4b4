import { evaluateTreesInto, type TreeEnsemble } from '@raison/trees'
import { addTables, chunkRows, createTableScratch } from './add-tables.ts'
import type { ExactExplainer } from './exact-explainer.ts'
import { createNodeTests, rankInto } from './node-tests.ts'
import type { Background, Players } from './players.ts'
import { countInnerBelow, divideLeaves } from './prepare-trees.ts'
import { createDeepWalk } from './walk-deep-trees.ts'

/**
 * Exact interventional Shapley values of an ensemble's output: the trees' leaves summed, missing values routed.
 * `widest` bounds the index bits of the lookup tables; by default they are as wide as their memory allows.
 */
export function explainTrees(
  ensemble: TreeEnsemble,
  background: Background,
  players: Players,
  widest?: number,
): ExactExplainer {
  const tests = createNodeTests(ensemble)
  const { rowCount } = background
  const backgroundRanks = new Int32Array(tests.columnCount * rowCount)
  rankInto(tests, background.rows, 0, rowCount, rowCount, backgroundRanks)
  const innerBelow = countInnerBelow(ensemble)
  const game = { ensemble, players, tests, innerBelow, ranks: backgroundRanks, rowCount }
  const { tables, deep } = divideLeaves(game, widest)
  const walkDeep = createDeepWalk(deep, backgroundRanks, rowCount)

  const ranks = new Int32Array(tests.columnCount * chunkRows)
  const totals = new Float64Array(players.count * chunkRows)
  const scratch = createTableScratch(tables, tests)
  return {
    playerCount: players.count,
    baseValue: meanOutput(ensemble, background),
    explainInto(rows, count, out) {
      for (let first = 0; first < count; first += chunkRows) {
        const size = Math.min(chunkRows, count - first)
        rankInto(tests, rows, first, size, chunkRows, ranks)
        totals.fill(0)
        addTables(tables, ranks, size, scratch, totals)
        walkDeep(ranks, size, totals)
        transposeInto(totals, players.count, size, out, first)
      }
    },
    outputsInto: (rows, count, out) => evaluateTreesInto(ensemble, rows, count, out),
  }
}

function transposeInto(
  totals: Float64Array,
  playerCount: number,
  size: number,
  out: Float64Array,
  first: number,
): void {
  for (let p = 0; p < playerCount; p++)
    for (let r = 0; r < size; r++) out[(first + r) * playerCount + p] = totals[p * chunkRows + r]!
}

function meanOutput(ensemble: TreeEnsemble, { rows, rowCount }: Background): number {
  const outputs = new Float64Array(rowCount)
  evaluateTreesInto(ensemble, rows, rowCount, outputs)
  return outputs.reduce((sum, output) => sum + output, 0) / rowCount
}
