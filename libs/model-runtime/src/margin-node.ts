import type { AttributeProto, NodeProto } from './onnx-proto.ts'
import { intAttribute } from './onnx-proto.ts'
import type { ScoreNode } from './score-node.ts'

export const marginTensor = 'raison_margins'

/**
 * A node that gives `marginTensor`: the sums of a tree or linear node per target, before base values and post-transform.
 * It is a regressor with the weights of that node, which onnxruntime computes by another rule than its classifiers.
 */
export function marginNode({ node, parsed }: ScoreNode): NodeProto {
  return {
    name: marginTensor,
    domain: node.domain,
    opType: node.opType === 'TreeEnsemble' ? node.opType : node.opType.replace('Classifier', 'Regressor'),
    input: node.input,
    output: [marginTensor],
    attribute:
      parsed.kind === 'trees'
        ? treeAttributes(node, parsed.trees.targetCount)
        : linearAttributes(node, parsed.linear.targetCount),
  }
}

/** A classifier's `class_…` lists are a regressor's `target_…` lists. */
function treeAttributes(node: NodeProto, targetCount: number): readonly AttributeProto[] {
  const kept = node.attribute.filter(({ name }) => !/^(base_values|post_transform|classlabels|n_targets)/.test(name))
  const renamed = kept.map((attribute) => ({ ...attribute, name: attribute.name.replace(/^class_/, 'target_') }))
  return [...renamed, intAttribute('n_targets', targetCount)]
}

function linearAttributes(node: NodeProto, targetCount: number): readonly AttributeProto[] {
  const kept = node.attribute.filter(({ name }) => name === 'coefficients' || name === 'intercepts')
  return [...kept, intAttribute('targets', targetCount)]
}
