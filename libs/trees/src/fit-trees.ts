import { createRandom, type Random } from '@raison/numerics'
import { binRows } from './bin-rows.ts'
import { checkTraining, settleOptions, type FitOptions, type TrainingData } from './fit-options.ts'
import { createGrower, growTree } from './grow-tree.ts'
import type { TreeEnsemble } from './tree-ensemble.ts'
import { createNodes, finishNodes } from './tree-nodes.ts'

export interface FitHooks {
  /** Called after every round; `'stop'` ends the fit with the trees so far. */
  onRound?(done: number, rounds: number): void | 'stop'
}

/**
 * Gradient-boosted regression trees (squared error), grown best-first over histograms as in LightGBM (Ke et al. 2017).
 * The same data, options and seed give the same bytes on every machine. Throws `TreeError`.
 */
export function fitTrees(data: TrainingData, options: FitOptions = {}, hooks: FitHooks = {}): TreeEnsemble {
  return boostTrees(data, options, hooks).ensemble
}

/** The trees and what they leave of the targets. */
export function boostTrees(
  data: TrainingData,
  options: FitOptions,
  hooks: FitHooks,
): { readonly ensemble: TreeEnsemble; readonly residuals: Float64Array } {
  const settings = settleOptions(options)
  checkTraining(data)

  const { rowCount, targets } = data
  const baseValue = targets.reduce((sum, target) => sum + target, 0) / rowCount
  const residuals = targets.map((target) => target - baseValue)
  const grower = createGrower(binRows(data, settings.bins), settings, residuals, roundingOf(targets))
  const nodes = createNodes()
  const random = createRandom(settings.seed)
  const drawnCount = Math.ceil(settings.rowShare * rowCount)
  for (let round = 1; round <= settings.rounds; round++) {
    drawRows(random, drawnCount, grower.rows)
    growTree(grower, drawnCount, nodes)
    if (hooks.onRound?.(round, settings.rounds) === 'stop') break
  }
  return { ensemble: finishNodes(nodes, data.featureCount, baseValue), residuals }
}

/** What residuals that are rounding alone can still gain: some 1e-14 of the targets, squared. */
function roundingOf(targets: Float64Array): number {
  return targets.reduce((sum, target) => sum + (1e-14 * target) ** 2, 0)
}

/** `count` rows drawn without replacement, in ascending order, then the others (selection sampling: Knuth, 3.4.2 S). */
function drawRows(random: Random, count: number, rows: Int32Array): void {
  let drawn = 0
  for (let row = 0; row < rows.length; row++) {
    const isDrawn = random.uniform() * (rows.length - row) < count - drawn
    if (isDrawn) rows[drawn++] = row
    else rows[count + row - drawn] = row
  }
}
