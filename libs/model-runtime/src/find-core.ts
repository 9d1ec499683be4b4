import { nodeTitle } from './attributes.ts'
import type { FrontStep } from './front-steps.ts'
import { imputesMissing, readFrontNode } from './front-steps.ts'
import { assertCoefficients, isLinearNode } from './linear-form.ts'
import { ModelError } from './model-error.ts'
import type { ModelGraph } from './model-graph.ts'
import { findSource } from './model-graph.ts'
import type { ModelInput } from './model-input.ts'
import type { NodeProto } from './onnx-proto.ts'
import { tensorTypes } from './onnx-proto.ts'
import type { ScoreNode } from './score-node.ts'
import { toScoreNode } from './score-node.ts'
import type { TreeNodes } from './tree-nodes.ts'
import { isTreeNode, readTreeNodes } from './tree-nodes.ts'

/** The one node that is the model, when the graph is: feature-wise steps, a tree or linear node, its scores. */
export interface Core extends ScoreNode {
  readonly steps: readonly FrontStep[]
}

export interface CoreSearch {
  /** A text names the node that stands in the way. */
  readonly core: Core | string
  readonly acceptsMissing: boolean
  /** Every tree node of the graph. */
  readonly trees: ReadonlyMap<NodeProto, TreeNodes>
}

/**
 * Walks from the output back to the node that computes it and from the input forward to the same node. Every tree of the
 * graph is checked on the way, also where no exact route exists: a damaged one would hang or crash onnxruntime.
 */
export function findCore(graph: ModelGraph, input: ModelInput, output: string, fileName: string): CoreSearch {
  const trees = new Map(graph.nodes.filter(isTreeNode).map((node) => [node, readTreeNodes(node, fileName)]))
  const front = readFront(graph, input)
  const next = graph.consumers.get(front.tensor)?.[0]
  const nextTrees = next && trees.get(next)
  if (nextTrees) assertFeatures(nextTrees, next, input.featureCount, fileName)
  const acceptsMissing = imputesMissing(front.steps) || nextTrees !== undefined

  const found = (core: Core | string): CoreSearch => ({ core, acceptsMissing, trees })
  const source = findSource(graph, output)?.node
  if (source === undefined) return found(`output "${output}" is computed by no node`)
  if (!isTreeNode(source) && !isLinearNode(source))
    return found(`output "${output}" is computed by ${nodeTitle(source)}, no tree ensemble or linear model`)
  if (source.input[0] !== front.tensor)
    return found(`${obstacleBefore(graph, source)} stands in front of ${nodeTitle(source)}`)
  const scoreNode = toScoreNode(source, nextTrees, fileName)!
  if (scoreNode.parsed.kind === 'linear')
    assertCoefficients(source, scoreNode.parsed.linear, input.featureCount, fileName)
  return found({ ...scoreNode, steps: front.steps })
}

/** Follows the input through nodes that treat each feature by itself, as far as they have no other reader. */
function readFront(graph: ModelGraph, input: ModelInput): { tensor: string; steps: readonly FrontStep[] } {
  const steps: FrontStep[] = []
  let tensor = input.name
  let isFloat = input.elementType === tensorTypes.float
  for (let hops = 0; hops < graph.nodes.length; hops++) {
    const readers = graph.consumers.get(tensor) ?? []
    const node = readers[0]
    if (node === undefined || readers.length > 1 || node.input[0] !== tensor) break
    const found = readFrontNode(node, graph.initializers, input.featureCount)
    // In double precision the arithmetic would round otherwise than in the float32 steps here.
    if (found === undefined || (found.length > 0 && !isFloat)) break
    isFloat ||= node.opType === 'Cast'
    steps.push(...found)
    tensor = node.output[0] ?? ''
  }
  return { tensor, steps }
}

const obstacleBefore = (graph: ModelGraph, node: NodeProto): string => {
  const before = graph.producers.get(node.input[0] ?? '')
  return before === undefined ? 'another reader of the input' : nodeTitle(before)
}

function assertFeatures(trees: TreeNodes, node: NodeProto, featureCount: number, fileName: string): void {
  const at = trees.modes.findIndex(
    (mode, i) => mode !== 'LEAF' && !(trees.features[i]! >= 0 && trees.features[i]! < featureCount),
  )
  if (at >= 0)
    throw new ModelError(
      'MODEL_FEATURE_COUNT',
      `${fileName}: ${nodeTitle(node)} tests feature ${trees.features[at]} (counted from 0), ` +
        `but ${featureCount} features are named; name each input column once, in order`,
    )
}
