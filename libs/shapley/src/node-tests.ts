import type { TreeEnsemble } from '@raison/trees'

/**
 * The node tests of an ensemble as integer comparisons. The thresholds of a feature are sorted, a value is replaced by its
 * rank (how many of them lie below it), and `x <= threshold` becomes `rank < limit`. Each feature has two columns of
 * ranks, which differ where the value is missing: 2f for nodes that send it right, 2f + 1 for nodes that send it left.
 */
export interface NodeTests {
  readonly columnCount: number
  /** Column tested at each inner node. */
  readonly column: Int32Array
  /** A row goes left at the node when its rank is below this. */
  readonly limit: Int32Array
  /** The sorted distinct thresholds of each feature. */
  readonly thresholds: readonly Float32Array[]
}

/** The integer tests of every inner node; leaves keep zeros. */
export function createNodeTests(ensemble: TreeEnsemble): NodeTests {
  const { feature, threshold, missingLeft } = ensemble
  const thresholds = collectThresholds(ensemble)
  const column = new Int32Array(feature.length)
  const limit = new Int32Array(feature.length)
  for (let node = 0; node < feature.length; node++) {
    const f = feature[node]!
    if (f < 0) continue
    column[node] = 2 * f + missingLeft[node]!
    limit[node] = countBelow(thresholds[f]!, threshold[node]!) + 1
  }
  return { columnCount: 2 * ensemble.featureCount, column, limit, thresholds }
}

/** Ranks of rows `first` … `first + count − 1`, one column after the other, `stride` apart. */
export function rankInto(
  { thresholds }: NodeTests,
  rows: Float32Array,
  first: number,
  count: number,
  stride: number,
  ranks: Int32Array,
): void {
  const featureCount = thresholds.length
  for (let f = 0; f < featureCount; f++) {
    const sorted = thresholds[f]!
    if (sorted.length === 0) continue
    const missingRight = 2 * f * stride
    for (let r = 0; r < count; r++) {
      const x = rows[(first + r) * featureCount + f]!
      const rank = countBelow(sorted, x)
      const missing = x !== x
      ranks[missingRight + r] = missing ? sorted.length : rank
      ranks[missingRight + stride + r] = missing ? 0 : rank
    }
  }
}

function collectThresholds({ featureCount, feature, threshold }: TreeEnsemble): Float32Array[] {
  const found = Array.from({ length: featureCount }, () => new Set<number>())
  for (let node = 0; node < feature.length; node++)
    if (feature[node]! >= 0) found[feature[node]!]!.add(threshold[node]!)
  return found.map((values) => Float32Array.from(values).sort())
}

function countBelow(sorted: Float32Array, x: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < x) low = middle + 1
    else high = middle
  }
  return low
}
