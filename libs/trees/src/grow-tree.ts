import type { BinnedRows } from './bin-rows.ts'
import { findSplit, type Split, type SplitLimits } from './find-split.ts'
import type { FitSettings } from './fit-options.ts'
import { fillHistogram, histogramStarts, subtractHistogram, type CountedRows, type Histogram } from './histogram.ts'
import { markSides, partitionRows, sizeOf, type MovedRows, type Range } from './partition-rows.ts'
import { addLeafNode, splitNode, type TreeNodes } from './tree-nodes.ts'

/** Everything the trees of one fit share, scratch included. */
export interface Grower extends CountedRows, MovedRows {
  readonly settings: FitSettings
  readonly limits: SplitLimits
  /** Targets minus the sum of the trees so far. */
  readonly residuals: Float64Array
  /** Rows drawn for this tree, then those left out; each leaf holds a range of both, in ascending order. */
  readonly rows: Int32Array
  /** One per leaf of a tree. */
  readonly histograms: readonly Histogram[]
}

interface Leaf {
  readonly node: number
  readonly depth: number
  readonly sum: number
  readonly drawn: Range
  readonly leftOut: Range
  histogram?: Histogram
  split?: Split | undefined
}

export function createGrower(
  binned: BinnedRows,
  settings: FitSettings,
  residuals: Float64Array,
  leastGain: number,
): Grower {
  const { rowCount } = binned
  const starts = histogramStarts(binned)
  return {
    binned,
    settings,
    limits: { ...settings, leastGain },
    residuals,
    starts,
    histograms: Array.from({ length: settings.leaves }, () => new Float64Array(2 * starts.at(-1)!)),
    rows: new Int32Array(rowCount),
    rowsRight: new Int32Array(rowCount),
    gathered: new Float64Array(rowCount),
    goesLeft: new Uint8Array(256),
  }
}

/**
 * Adds one tree to `nodes`, fitted to the residuals of the first `drawnCount` of the grower's rows, and takes it off the
 * residuals of all rows. The leaf that gains most is split first (best-first, as LightGBM grows). A tree that would be a
 * single leaf is not added.
 */
export function growTree(grower: Grower, drawnCount: number, nodes: TreeNodes): void {
  const root = plantRoot(grower, drawnCount, nodes)
  if (root === undefined) return
  const leaves = [root]
  while (leaves.length < grower.settings.leaves) {
    const best = leaves.reduce((a, b) => ((b.split?.gain ?? 0) > (a.split?.gain ?? 0) ? b : a))
    if (best.split === undefined) break
    const [left, right] = splitLeaf(grower, nodes, best, best.split, leaves.length)
    leaves[leaves.indexOf(best)] = left
    leaves.push(right)
  }
  for (const leaf of leaves) closeLeaf(grower, nodes, leaf)
}

function plantRoot(grower: Grower, drawnCount: number, nodes: TreeNodes): Leaf | undefined {
  const { rows, residuals, histograms, starts, limits } = grower
  const drawn = { first: 0, end: drawnCount }
  let sum = 0
  for (let i = 0; i < drawnCount; i++) sum += residuals[rows[i]!]!
  fillHistogram(grower, drawn, histograms[0]!)
  const split = findSplit(histograms[0]!, starts, sum, drawnCount, limits)
  if (split === undefined) return undefined
  const node = addLeafNode(nodes)
  nodes.roots.push(node)
  const leftOut = { first: drawnCount, end: rows.length }
  return { node, depth: 0, sum, drawn, leftOut, histogram: histograms[0]!, split }
}

function splitLeaf(grower: Grower, nodes: TreeNodes, leaf: Leaf, split: Split, leafCount: number): [Leaf, Leaf] {
  const { cuts } = grower.binned
  const [leftNode, rightNode] = splitNode(nodes, leaf.node, split, cuts[split.feature]![split.bin]!)
  markSides(grower, split)
  const drawn = partitionRows(grower, split.feature, leaf.drawn)
  const leftOut = partitionRows(grower, split.feature, leaf.leftOut)
  const depth = leaf.depth + 1
  const left: Leaf = { node: leftNode, depth, sum: split.leftSum, drawn: drawn[0], leftOut: leftOut[0] }
  const right: Leaf = { node: rightNode, depth, sum: leaf.sum - split.leftSum, drawn: drawn[1], leftOut: leftOut[1] }
  if (leafCount + 1 < grower.settings.leaves) findSplits(grower, leaf.histogram!, left, right, leafCount)
  return [left, right]
}

/** Only the smaller child's rows are counted. */
function findSplits(grower: Grower, parent: Histogram, left: Leaf, right: Leaf, leafCount: number): void {
  if (!mayBeSplit(grower, left) && !mayBeSplit(grower, right)) return
  const [small, large] = sizeOf(left.drawn) <= sizeOf(right.drawn) ? [left, right] : [right, left]
  small.histogram = grower.histograms[leafCount]!
  large.histogram = parent
  fillHistogram(grower, small.drawn, small.histogram)
  subtractHistogram(large.histogram, small.histogram)
  for (const leaf of [left, right])
    if (mayBeSplit(grower, leaf))
      leaf.split = findSplit(leaf.histogram!, grower.starts, leaf.sum, sizeOf(leaf.drawn), grower.limits)
}

function mayBeSplit({ settings }: Grower, { depth, drawn }: Leaf): boolean {
  return depth < settings.maxDepth && sizeOf(drawn) >= 2 * settings.minRowsPerLeaf
}

function closeLeaf({ settings, rows, residuals }: Grower, nodes: TreeNodes, { node, sum, drawn, leftOut }: Leaf): void {
  const value = (settings.learningRate * sum) / (sizeOf(drawn) + settings.l2)
  nodes.value[node] = value
  for (const { first, end } of [drawn, leftOut]) for (let i = first; i < end; i++) residuals[rows[i]!]! -= value
}
