import type { LinearNode } from './linear-form.ts'
import { isLinearNode, readLinearNode, readLinearReadOut } from './linear-form.ts'
import type { NodeProto } from './onnx-proto.ts'
import type { ReadOut } from './read-out.ts'
import { readTreeReadOut } from './tree-form.ts'
import type { TreeNodes } from './tree-nodes.ts'

/** A tree or linear node as read. */
export interface ScoreNode {
  readonly node: NodeProto
  readonly parsed:
    { readonly kind: 'trees'; readonly trees: TreeNodes } | { readonly kind: 'linear'; readonly linear: LinearNode }
}

/** Undefined for any other node; `trees` are those of a tree node. */
export function toScoreNode(node: NodeProto, trees: TreeNodes | undefined, fileName: string): ScoreNode | undefined {
  if (trees !== undefined) return { node, parsed: { kind: 'trees', trees } }
  return isLinearNode(node) ? { node, parsed: { kind: 'linear', linear: readLinearNode(node, fileName) } } : undefined
}

/** How a column follows from the sums of the node; a text says why it does not. */
export const readReadOut = ({ node, parsed }: ScoreNode, column: number): ReadOut | string =>
  parsed.kind === 'trees' ? readTreeReadOut(node, parsed.trees, column) : readLinearReadOut(node, parsed.linear, column)
