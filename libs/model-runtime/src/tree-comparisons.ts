import type { TreeEnsemble } from '@raison/trees'
import type { TreeNodes } from './tree-nodes.ts'

/** One written node: goes left when `row[feature] <= threshold`, or when the value is missing and `missingLeft` is 1. */
type Write = (threshold: number, left: number, right: number, missingLeft: number) => void

/**
 * Rewrites every comparison of a file to `x <= threshold` over float32 values, which is all a TreeEnsemble knows. Most
 * nodes stay one node; equality takes two that share children.
 */
export function toTreeEnsemble(
  trees: TreeNodes,
  leafValues: Float64Array,
  featureCount: number,
  baseValue: number,
): TreeEnsemble {
  const { starts, count } = placeNodes(trees)
  const ensemble = {
    featureCount,
    baseValue,
    roots: Int32Array.from(trees.roots, (root) => starts[root]!),
    feature: new Int32Array(count).fill(-1),
    threshold: new Float32Array(count),
    left: new Int32Array(count),
    right: new Int32Array(count),
    missingLeft: new Uint8Array(count),
    value: new Float64Array(count),
  }
  for (let node = 0; node < trees.modes.length; node++) {
    let at = starts[node]!
    if (trees.modes[node] === 'LEAF') ensemble.value[at] = leafValues[node]!
    else
      writeBranch(trees, node, starts, (threshold, left, right, missingLeft) => {
        ensemble.feature[at] = trees.features[node]!
        ensemble.threshold[at] = threshold
        ensemble.left[at] = left
        ensemble.right[at] = right
        ensemble.missingLeft[at] = missingLeft
        at++
      })
  }
  return ensemble
}

/**
 * Comparisons that `writeBranch` knows. BRANCH_MEMBER is not among them: onnxruntime 1.30 cuts fractions off before it
 * looks a value up, in some sets and not in others.
 */
export const branchModes: ReadonlySet<string> = new Set(
  ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ'].map((mode) => `BRANCH_${mode}`),
)

function placeNodes({ modes }: TreeNodes): { starts: Int32Array; count: number } {
  const starts = new Int32Array(modes.length)
  let count = 0
  modes.forEach((mode, node) => {
    starts[node] = count
    count += mode === 'BRANCH_EQ' || mode === 'BRANCH_NEQ' ? 2 : 1
  })
  return { starts, count }
}

function writeBranch(trees: TreeNodes, node: number, starts: Int32Array, write: Write): void {
  const threshold = trees.values[node]!
  const start = starts[node]!
  const yes = starts[trees.whenTrue[node]!]!
  const no = starts[trees.whenFalse[node]!]!
  const missingYes = trees.missingTrue[node] === 1 ? 1 : 0
  switch (trees.modes[node]) {
    case 'BRANCH_LEQ':
      return write(float32AtMost(threshold), yes, no, missingYes)
    case 'BRANCH_LT':
      return write(float32Below(threshold), yes, no, missingYes)
    // x > t is "not x <= t": the children change sides. Nothing is greater than a NaN threshold: always no.
    case 'BRANCH_GT':
      return write(orInfinity(threshold, float32AtMost), no, yes, 1 - missingYes)
    case 'BRANCH_GTE':
      return write(orInfinity(threshold, float32Below), no, yes, 1 - missingYes)
    case 'BRANCH_EQ':
      return writeEquality(start, threshold, yes, no, missingYes, write)
    // NaN differs from everything, so a missing value always takes the true branch.
    default:
      return writeEquality(start, threshold, no, yes, 0, write)
  }
}

/** `x = t` as "x <= t, and not x < t"; the second node follows the first. */
function writeEquality(start: number, t: number, yes: number, no: number, missingYes: number, write: Write): void {
  write(float32AtMost(t), start + 1, no, missingYes)
  write(float32Below(t), no, yes, 0)
}

const orInfinity = (t: number, round: (t: number) => number): number => (Number.isNaN(t) ? Infinity : round(t))

/** The largest float32 that is not above `t`: comparing a float32 with it is comparing with `t`. */
function float32AtMost(t: number): number {
  const nearest = Math.fround(t)
  return nearest > t ? previousFloat32(nearest) : nearest
}

/** The largest float32 below `t`; NaN, below which nothing lies, when there is none. */
function float32Below(t: number): number {
  const atMost = float32AtMost(t)
  return atMost === t ? previousFloat32(atMost) : atMost
}

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

function previousFloat32(value: number): number {
  if (value === -Infinity) return NaN
  if (value === 0) return -(2 ** -149)
  float[0] = value
  bits[0]! += value > 0 ? -1 : 1
  return float[0]!
}
