import type { TreeEnsemble } from './tree-ensemble.ts'

/**
 * Outputs of `rowCount` rows (row-major float32, `featureCount` wide), written to `out`: the base value plus one leaf of
 * every tree, summed in float64 in the order of the trees.
 */
export function evaluateTreesInto(
  ensemble: TreeEnsemble,
  rows: Float32Array,
  rowCount: number,
  out: Float64Array,
): void {
  const { featureCount, baseValue, roots, value } = ensemble
  out.fill(baseValue, 0, rowCount)
  // Tree by tree, so that the nodes of one tree stay in cache for the whole batch.
  for (let tree = 0; tree < roots.length; tree++)
    for (let row = 0; row < rowCount; row++)
      out[row]! += value[findLeaf(ensemble, roots[tree]!, rows, row * featureCount)]!
}

function findLeaf(ensemble: TreeEnsemble, root: number, rows: Float32Array, rowStart: number): number {
  const { feature, threshold, left, right, missingLeft } = ensemble
  let node = root
  while (feature[node]! >= 0) {
    const x = rows[rowStart + feature[node]!]!
    // Only NaN differs from itself.
    const goesLeft = x <= threshold[node]! || (x !== x && missingLeft[node] === 1)
    node = goesLeft ? left[node]! : right[node]!
  }
  return node
}
