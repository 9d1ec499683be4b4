import { getInt, nodeTitle, tensorNumbers } from './attributes.ts'
import type { ScoreNode } from './score-node.ts'
import { readReadOut, toScoreNode } from './score-node.ts'
import type { ModelGraph } from './model-graph.ts'
import { isOne, unchangedInput } from './model-graph.ts'
import type { NodeProto } from './onnx-proto.ts'
import type { Sum } from './read-out.ts'
import { toSum } from './read-out.ts'
import type { TreeNodes } from './tree-nodes.ts'

/** Where log-odds are to be read: from a tensor of the graph, or from the sums of a tree or linear node. */
export type MarginPlace =
  | {
      readonly kind: 'tensor'
      readonly tensor: string
      readonly sum: Sum
      /** Softmax over another number of columns has no such sum. */
      readonly columnCount: number | undefined
    }
  | { readonly kind: 'node'; readonly scoreNode: ScoreNode; readonly sum: Sum }

/** One column of a tensor, or one minus it. */
interface Place {
  readonly tensor: string
  readonly column: number
  readonly isComplement: boolean
}

/**
 * Follows a column of an output back to the sigmoid, the softmax of two columns, or the tree or linear node behind it. A text
 * names the node that stands in the way. `trees` are the tree nodes of the graph as read.
 */
export function findMargin(
  graph: ModelGraph,
  trees: ReadonlyMap<NodeProto, TreeNodes>,
  output: string,
  column: number,
  fileName: string,
): MarginPlace | string {
  let place: Place = { tensor: output, column, isComplement: false }
  for (let hops = 0; hops <= graph.nodes.length; hops++) {
    const node = graph.producers.get(place.tensor)
    if (node === undefined) return `output "${output}" is computed by no node; write explain: probability or raw`
    const before = stepBack(graph, node, place)
    if (before === undefined) return readMargin(node, trees.get(node), place, fileName)
    place = before
  }
  return `output "${output}" is computed in a circle; export the model again`
}

/** The same number one node earlier, through nodes that only hand on, turn round, pick or put together. */
function stepBack({ initializers }: ModelGraph, node: NodeProto, place: Place): Place | undefined {
  const unchanged = unchangedInput(node, initializers)
  if (unchanged !== undefined) return { ...place, tensor: unchanged }
  const [first = '', second = ''] = node.input
  const indices = initializers.get(second)
  switch (node.opType) {
    // Rows stay the leading dimension, so a column keeps its place within its row.
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
      return { ...place, tensor: first }
    case 'Sub':
      return isOne(initializers.get(first))
        ? { ...place, tensor: second, isComplement: !place.isComplement }
        : undefined
    // As many inputs as columns; openModel compares the margins found with the scores.
    case 'Concat':
      return isAcross(node) ? { ...place, tensor: node.input.at(place.column) ?? '', column: -1 } : undefined
    case 'Gather':
    case 'ArrayFeatureExtractor': {
      const column = indices && Array.from(tensorNumbers(indices)).at(place.column)
      const isPick = node.opType === 'ArrayFeatureExtractor' || isAcross(node)
      return isPick && column !== undefined ? { ...place, tensor: first, column } : undefined
    }
    default:
      return undefined
  }
}

const isAcross = (node: NodeProto): boolean => [1, -1].includes(getInt(node, 'axis', 0))

function readMargin(
  node: NodeProto,
  trees: TreeNodes | undefined,
  place: Place,
  fileName: string,
): MarginPlace | string {
  const sign = place.isComplement ? -1 : 1
  const [tensor = ''] = node.input
  if (node.opType === 'Sigmoid') {
    const terms = [{ column: place.column, factor: sign }]
    return { kind: 'tensor', tensor, sum: { terms, offset: 0 }, columnCount: undefined }
  }
  if (node.opType === 'Softmax' && [1, -1].includes(getInt(node, 'axis', -1))) {
    const column = place.column < 0 ? place.column + 2 : place.column
    const terms = [
      { column, factor: sign },
      { column: 1 - column, factor: -sign },
    ]
    return { kind: 'tensor', tensor, sum: { terms, offset: 0 }, columnCount: 2 }
  }
  const scoreNode = toScoreNode(node, trees, fileName)
  if (scoreNode === undefined) return noMargin(`${nodeTitle(node)} computes it, no logistic function of a sum`)
  const readOut = readReadOut(scoreNode, place.column)
  if (typeof readOut === 'string') return noMargin(readOut)
  if (readOut.link !== 'logistic')
    return noMargin(`${nodeTitle(node)} gives a ${readOut.link === 'softmax' ? 'softmax of several classes' : 'sum'}`)
  return { kind: 'node', scoreNode, sum: toSum(readOut, sign) }
}

const noMargin = (why: string): string => `no log-odds are found behind the output: ${why}; write explain: probability`
