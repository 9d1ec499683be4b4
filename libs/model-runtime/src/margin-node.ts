import type { Core } from './find-core.ts'
import type { AttributeProto, NodeProto, ValueInfoProto } from './onnx-proto.ts'
import { extendModel, intAttribute, tensorTypes } from './onnx-proto.ts'

export const marginOutput = 'raison_margins'

/**
 * The model with one more output: the sums of the core node per target, before base values and post-transform. They come
 * from a regressor with the weights of the core, which onnxruntime computes by another rule than its classifiers.
 */
export function withMarginOutput(bytes: Uint8Array, core: Core, inputType: 'float32' | 'float64'): Uint8Array {
  const { node } = core
  const isVersion5 = node.opType === 'TreeEnsemble'
  const margins: NodeProto = {
    name: marginOutput,
    domain: node.domain,
    opType: isVersion5 ? node.opType : node.opType.replace('Classifier', 'Regressor'),
    input: node.input,
    output: [marginOutput],
    attribute:
      core.parsed.kind === 'trees' ? treeAttributes(node, core.parsed.trees.targetCount) : linearAttributes(core),
  }
  const elemType = isVersion5 && inputType === 'float64' ? tensorTypes.double : tensorTypes.float
  const output: ValueInfoProto = { name: marginOutput, type: { tensorType: { elemType, shape: null } } }
  return extendModel(bytes, { node: [margins], output: [output] })
}

/** A classifier's `class_…` lists are a regressor's `target_…` lists. */
function treeAttributes(node: NodeProto, targetCount: number): readonly AttributeProto[] {
  const kept = node.attribute.filter(({ name }) => !/^(base_values|post_transform|classlabels|n_targets)/.test(name))
  const renamed = kept.map((attribute) => ({ ...attribute, name: attribute.name.replace(/^class_/, 'target_') }))
  return [...renamed, intAttribute('n_targets', targetCount)]
}

function linearAttributes({ node, parsed }: Core): readonly AttributeProto[] {
  const kept = node.attribute.filter(({ name }) => name === 'coefficients' || name === 'intercepts')
  return parsed.kind === 'linear' ? [...kept, intAttribute('targets', parsed.linear.targetCount)] : kept
}
