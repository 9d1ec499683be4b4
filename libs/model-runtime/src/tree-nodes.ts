import { classCount, getFloats, getInt, getInts, getTensor, getText, getTexts, nodeTitle } from './attributes.ts'
import { ModelError } from './model-error.ts'
import type { NodeProto } from './onnx-proto.ts'

/** The trees of one ONNX node as the file gives them; every list below has one entry per tree node, but the weights. */
export interface TreeNodes {
  readonly targetCount: number
  readonly aggregate: string
  readonly postTransform: string
  readonly baseValues: ArrayLike<number>
  readonly roots: readonly number[]
  /** BRANCH_… or LEAF. */
  readonly modes: readonly string[]
  readonly features: ArrayLike<number>
  /** Thresholds; what a leaf holds here counts only where a single target gives it no weight. */
  readonly values: ArrayLike<number>
  readonly whenTrue: Int32Array
  readonly whenFalse: Int32Array
  /** 1 where a missing value goes to the true branch; entries that are not there count as 0. */
  readonly missingTrue: ArrayLike<number>
  /** What leaf `weightNodes[i]` adds to target `weightTargets[i]`. */
  readonly weightNodes: Int32Array
  readonly weightTargets: ArrayLike<number>
  readonly weights: ArrayLike<number>
}

export const isTreeNode = (node: NodeProto): boolean =>
  node.domain === 'ai.onnx.ml' && /^TreeEnsemble(Classifier|Regressor)?$/.test(node.opType)

/** Reads any of the three tree operators; throws MODEL_CORRUPTED when its lists do not fit together. */
export function readTreeNodes(node: NodeProto, fileName: string): TreeNodes {
  const corrupted = (what: string): ModelError =>
    new ModelError('MODEL_CORRUPTED', `${fileName}: ${nodeTitle(node)} ${what}; export the model again`)
  const trees = node.opType === 'TreeEnsemble' ? readVersion5(node, corrupted) : readVersion3(node, corrupted)
  assertTrees(trees, corrupted)
  return trees
}

/** TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 and 3): nodes are named by (tree id, node id). */
function readVersion3(node: NodeProto, corrupted: (what: string) => ModelError): TreeNodes {
  const target = node.opType === 'TreeEnsembleClassifier' ? 'class' : 'target'
  const modes = getTexts(node, 'nodes_modes')
  const treeIds = getInts(node, 'nodes_treeids')
  const index = indexNodes(treeIds, getInts(node, 'nodes_nodeids'))
  const find = (tree: number | undefined, id: number | undefined): number => {
    const found = index.get(tree!)?.get(id!)
    if (found === undefined) throw corrupted(`names node ${id} of tree ${tree}, which is not there`)
    return found
  }
  const childrenOf = (ids: readonly number[]): Int32Array =>
    Int32Array.from(modes, (mode, i) => (mode === 'LEAF' ? 0 : find(treeIds[i], ids[i])))
  const weightTrees = getInts(node, `${target}_treeids`)
  const weightIds = getInts(node, `${target}_nodeids`)

  return {
    targetCount: target === 'class' ? classCount(node, 'classlabels_int64s') : getInt(node, 'n_targets', 0),
    aggregate: getText(node, 'aggregate_function', 'SUM'),
    postTransform: getText(node, 'post_transform', 'NONE'),
    baseValues: getFloats(node, 'base_values'),
    roots: modes.flatMap((_, i) => (i === 0 || treeIds[i] !== treeIds[i - 1] ? [i] : [])),
    modes,
    features: getInts(node, 'nodes_featureids'),
    values: getFloats(node, 'nodes_values'),
    whenTrue: childrenOf(getInts(node, 'nodes_truenodeids')),
    whenFalse: childrenOf(getInts(node, 'nodes_falsenodeids')),
    missingTrue: getInts(node, 'nodes_missing_value_tracks_true'),
    weightNodes: Int32Array.from(weightTrees, (tree, i) => find(tree, weightIds[i])),
    weightTargets: getInts(node, `${target}_ids`),
    weights: getFloats(node, `${target}_weights`),
  }
}

function indexNodes(treeIds: readonly number[], nodeIds: readonly number[]): Map<number, Map<number, number>> {
  const index = new Map<number, Map<number, number>>()
  treeIds.forEach((tree, i) => {
    if (!index.has(tree)) index.set(tree, new Map())
    index.get(tree)!.set(nodeIds[i]!, i)
  })
  return index
}

const modesOfVersion5 = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ', 'MEMBER'].map((mode) => `BRANCH_${mode}`)

/** TreeEnsemble (ai.onnx.ml 5): inner nodes and leaves have lists of their own; here the leaves follow the inner nodes. */
function readVersion5(node: NodeProto, corrupted: (what: string) => ModelError): TreeNodes {
  const features = getInts(node, 'nodes_featureids')
  const leafTargets = getInts(node, 'leaf_targetids')
  const modes = Array.from(getTensor(node, 'nodes_modes'), (mode) => modesOfVersion5[mode] ?? `mode ${mode}`)
  const childrenOf = (side: 'true' | 'false'): Int32Array => {
    const isLeaf = getInts(node, `nodes_${side}leafs`)
    return Int32Array.from(getInts(node, `nodes_${side}nodeids`), (id, i) => {
      if (id < 0 || id >= (isLeaf[i] ? leafTargets : modes).length) throw corrupted(`names node ${id}, not there`)
      return isLeaf[i] ? modes.length + id : id
    })
  }

  return {
    targetCount: getInt(node, 'n_targets', 0),
    aggregate: ['AVERAGE', 'SUM', 'MIN', 'MAX'][getInt(node, 'aggregate_function', 1)] ?? 'unknown',
    postTransform: ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO'][getInt(node, 'post_transform', 0)] ?? 'PROBIT',
    baseValues: [],
    roots: getInts(node, 'tree_roots'),
    modes: [...modes, ...leafTargets.map(() => 'LEAF')],
    features,
    values: getTensor(node, 'nodes_splits'),
    whenTrue: childrenOf('true'),
    whenFalse: childrenOf('false'),
    missingTrue: getInts(node, 'nodes_missing_value_tracks_true'),
    weightNodes: Int32Array.from(leafTargets, (_, leaf) => modes.length + leaf),
    weightTargets: leafTargets,
    weights: getTensor(node, 'leaf_weights'),
  }
}

/** Lists of one length and trees without a cycle: a cycle would never end, neither here nor in onnxruntime. */
function assertTrees(trees: TreeNodes, corrupted: (what: string) => ModelError): void {
  const inner = trees.modes.filter((mode) => mode !== 'LEAF').length
  for (const name of ['features', 'values', 'whenTrue', 'whenFalse'] as const)
    if (trees[name].length < inner) throw corrupted(`has ${trees[name].length} ${name} for ${inner} branches`)
  if (trees.weights.length !== trees.weightNodes.length || trees.weightTargets.length !== trees.weightNodes.length)
    throw corrupted(`has ${trees.weights.length} weights for ${trees.weightNodes.length} leaves`)
  for (const target of Array.from(trees.weightTargets))
    if (target < 0 || target >= trees.targetCount) throw corrupted(`weighs target ${target} of ${trees.targetCount}`)
  if (trees.roots.length === 0) throw corrupted('has no tree')
  if (trees.roots.some((root) => !(root >= 0 && root < trees.modes.length)))
    throw corrupted('has a root that is no node')
  if (hasCycle(trees)) throw corrupted('has a tree whose branches run in a circle')
}

function hasCycle({ roots, modes, whenTrue, whenFalse }: TreeNodes): boolean {
  const state = new Uint8Array(modes.length) // 1 while its descendants are being visited, 2 when they are done
  const stack = [...roots]
  while (stack.length > 0) {
    const node = stack.at(-1)!
    if (state[node] === 0 && modes[node] !== 'LEAF') {
      state[node] = 1
      for (const child of [whenTrue[node]!, whenFalse[node]!]) {
        if (state[child] === 1) return true
        if (state[child] === 0) stack.push(child)
      }
    } else {
      state[node] = 2
      stack.pop()
    }
  }
  return false
}
