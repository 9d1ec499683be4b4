import { nodeTitle } from './attributes.ts'
import type { NodeProto } from './onnx-proto.ts'
import type { MarginForm, ReadOut } from './read-out.ts'
import { readColumn, readSingleTarget, single } from './read-out.ts'
import { branchModes, toTreeEnsemble } from './tree-comparisons.ts'
import type { TreeNodes } from './tree-nodes.ts'

/**
 * The margin behind a column of a tree node as one ensemble, by the rules of onnxruntime's own kernel (found by
 * experiment with 1.30; the parse check guards them). A text says why there is none.
 */
export function readTreeForm(
  node: NodeProto,
  trees: TreeNodes,
  column: number,
  featureCount: number,
): MarginForm | string {
  const unknownMode = trees.modes.find((mode) => mode !== 'LEAF' && !branchModes.has(mode))
  if (unknownMode !== undefined) return `${nodeTitle(node)} compares by ${unknownMode}`
  if (hasMixedCategories(trees)) return `${nodeTitle(node)} sends missing values of one category list two ways`

  const readOut = readTreeReadOut(node, trees, column)
  if (typeof readOut === 'string') return readOut
  const ensemble = toTreeEnsemble(trees, leafValues(trees, readOut.factors), featureCount, readOut.offset)
  return { form: { kind: 'trees', ensemble }, readOut }
}

/** How the column follows from the sums of weights that the node keeps. A text says why it does not. */
export function readTreeReadOut(node: NodeProto, trees: TreeNodes, column: number): ReadOut | string {
  if (trees.aggregate !== 'SUM' && trees.aggregate !== 'AVERAGE')
    return `${nodeTitle(node)} takes the ${trees.aggregate} of its trees, which is no sum`
  if (trees.targetCount === 1 && hasTwoWeights(trees)) return `${nodeTitle(node)} weighs one leaf twice`
  const readOut =
    node.opType === 'TreeEnsembleClassifier' ? readClassifier(trees, column) : readRegressor(trees, column)
  return typeof readOut === 'string' ? `${nodeTitle(node)}: ${readOut}` : readOut
}

/** onnxruntime merges equalities that share their true branch, and keeps the missing-value branch of the first. */
const hasMixedCategories = ({ modes, features, whenTrue, whenFalse, missingTrue }: TreeNodes): boolean =>
  modes.some((mode, node) => {
    const next = whenFalse[node]!
    if (mode !== 'BRANCH_EQ' || modes[next] !== 'BRANCH_EQ' || features[node] !== features[next]) return false
    return whenTrue[node] === whenTrue[next] && (missingTrue[node] === 1) !== (missingTrue[next] === 1)
  })

function hasTwoWeights({ modes, weightNodes }: TreeNodes): boolean {
  const seen = new Uint8Array(modes.length)
  return weightNodes.some((node) => seen[node]!++ > 0)
}

const someLeavesWithout = 'some of its leaves have no weight'

/** A row that meets no weight of a target gets 0 there: its base value counts only where the weights do. */
function readRegressor(trees: TreeNodes, column: number): ReadOut | string {
  const { targetCount, postTransform, baseValues } = trees
  if (targetCount === 1) return readSingleTarget(postTransform, baseValues[0] ?? 0)
  const columns = Array.from({ length: targetCount }, (_, target) => {
    const coverage = coverageOf(trees, target)
    if (coverage === 'some' && baseValues.length > 0) return undefined
    return single(targetCount, target, coverage === 'all' ? (baseValues[target] ?? 0) : 0)
  })
  return columns.every((found) => found !== undefined) ? readColumn(columns, postTransform, column) : someLeavesWithout
}

function readClassifier(trees: TreeNodes, column: number): ReadOut | string {
  const { targetCount, postTransform, baseValues } = trees
  if (targetCount < 2) return 'a classifier of a single class'
  if (targetCount > 2) {
    const columns = Array.from({ length: targetCount }, (_, k) => single(targetCount, k, baseValues[k] ?? 0))
    return readColumn(columns, postTransform, column)
  }
  const first = coverageOf(trees, 0)
  const second = coverageOf(trees, 1)
  // A row that meets no weight of the deciding class is scored by other rules.
  const [base0 = 0, base1] = Array.from(baseValues)
  if (second === 'some' || ((second === 'none' || base1 !== undefined) && first !== 'all')) return someLeavesWithout
  if (second === 'none' && base1 === undefined) return readOneScore(trees, base0, column)
  // With two base values onnxruntime takes class 1 from the weights of class 0, and class 0 as its negative.
  if (second === 'all' && base1 !== undefined)
    return readColumn([single(2, 0, -base1, -1), single(2, 0, base1)], postTransform, column)
  if (first === 'some' && base0 !== 0) return someLeavesWithout
  return readColumn([single(2, 0, first === 'all' ? base0 : 0), single(2, 1)], postTransform, column)
}

/** Two classes, weights of class 0 alone: its score is nevertheless the score of class 1 (XGBoost and LightGBM write this). */
function readOneScore({ postTransform, weights }: TreeNodes, base: number, column: number): ReadOut | string {
  const positive = single(2, 0, base)
  const negative = single(2, 0, -base, -1)
  if (postTransform === 'LOGISTIC') return readColumn([negative, positive], 'LOGISTIC', column)
  const areProbabilities = Array.from(weights).every((weight) => weight >= 0)
  const other = areProbabilities ? { ...negative, offset: 1 - base } : negative
  return readColumn([other, positive], postTransform === 'PROBIT' ? 'PROBIT' : 'NONE', column)
}

/** Which rows meet a weight of the target: all when some tree has one on each of its leaves. */
function coverageOf(trees: TreeNodes, target: number): 'all' | 'some' | 'none' {
  const { roots, modes, whenTrue, whenFalse, weightNodes, weightTargets } = trees
  const weighed = new Uint8Array(modes.length)
  weightNodes.forEach((node, i) => {
    if (weightTargets[i] === target) weighed[node] = 1
  })
  if (!weighed.includes(1)) return 'none'
  const seenIn = new Int32Array(modes.length)
  const isComplete = roots.some((root, tree) => {
    const stack = [root]
    while (stack.length > 0) {
      const node = stack.pop()!
      if (modes[node] === 'LEAF' && weighed[node] === 0) return false
      if (modes[node] !== 'LEAF' && seenIn[node] !== tree + 1) stack.push(whenTrue[node]!, whenFalse[node]!)
      seenIn[node] = tree + 1
    }
    return true
  })
  return isComplete ? 'all' : 'some'
}

function leafValues(trees: TreeNodes, factors: readonly number[]): Float64Array {
  const { modes, values, weights, weightNodes, weightTargets, targetCount } = trees
  const sums = new Float64Array(modes.length)
  weightNodes.forEach((node, i) => {
    sums[node]! += factors[weightTargets[i]!]! * weights[i]!
  })
  if (targetCount === 1) {
    // With a single target, a leaf without a weight gives what its entry among the thresholds holds.
    const weighed = new Set(weightNodes)
    modes.forEach((mode, i) => {
      if (mode === 'LEAF' && !weighed.has(i)) sums[i] = factors[0]! * (values[i] ?? 0)
    })
  }
  return trees.aggregate === 'AVERAGE' ? sums.map((sum) => sum / trees.roots.length) : sums
}
