import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './onnx-proto.ts'
import { extendModel, intAttribute, tensorTypes } from './onnx-proto.ts'

/** Part of a graph: nodes, and the constants that they read. */
export interface Piece {
  readonly nodes: readonly NodeProto[]
  readonly constants: readonly TensorProto[]
}

/** The bytes of a model that reads `featureCount` floats from `input`; `outputs` are tensors of the pieces; any number of rows unless fixed. */
export function encodeNet(
  featureCount: number,
  pieces: readonly Piece[],
  outputs: readonly string[],
  fixedRows = 0,
): Uint8Array {
  const graph: Partial<GraphProto> = {
    node: pieces.flatMap((piece) => piece.nodes),
    initializer: pieces.flatMap((piece) => piece.constants),
    input: [floats('input', [fixedRows, featureCount])],
    output: outputs.map((name) => floats(name, undefined)),
  }
  return extendModel(header, graph)
}

/** Dense layers from `input` to `logits`; `activation` stands between them. */
export function dense(sizes: readonly number[], activation: (from: string, to: string) => Piece = relu): Piece {
  const pieces = sizes.slice(1).flatMap((width, layer): Piece[] => {
    const from = layer === 0 ? 'input' : `active${layer}`
    const isLast = layer === sizes.length - 2
    const to = isLast ? 'logits' : `layer${layer + 1}`
    const depth = sizes[layer]!
    const weights = constant(`weights${layer}`, [depth, width], spread(depth * width, 2.5 / Math.sqrt(depth)))
    const bias = constant(`bias${layer}`, [width], spread(width, 0.3))
    const gemm = { nodes: [node('Gemm', [from, weights.name, bias.name], to)], constants: [weights, bias] }
    return isLast ? [gemm] : [gemm, activation(to, `active${layer + 1}`)]
  })
  return { nodes: pieces.flatMap((piece) => piece.nodes), constants: pieces.flatMap((piece) => piece.constants) }
}

const relu = (from: string, to: string): Piece => step('Relu', [from], to)

/** One node; `constants` are those among its inputs. */
export const step = (
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>> = {},
  constants: readonly TensorProto[] = [],
  domain = '',
): Piece => ({ nodes: [node(opType, input, output, attributes, domain)], constants })

function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>> = {},
  domain = '',
): NodeProto {
  const attribute: AttributeProto[] = Object.entries(attributes).map(([name, value]) => intAttribute(name, value))
  return { opType, name: `makes ${output}`, input, output: [output], attribute, domain }
}

export const constant = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  ({ name, dims, dataType: tensorTypes.float, floatData: values }) as unknown as TensorProto

export const integers = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  ({ name, dims, dataType: tensorTypes.int64, int64Data: values }) as unknown as TensorProto

/** Numbers between −size and size, the same every time. */
export const spread = (count: number, size: number): number[] =>
  Array.from({ length: count }, (_, k) => size * ((((k + 1) * 0.6180339887498949) % 1) * 2 - 1))

const floats = (name: string, dims: readonly number[] | undefined): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: tensorTypes.float,
      shape: dims === undefined ? null : { dim: dims.map((dimValue) => ({ dimValue, dimParam: '' })) },
    },
  },
})

/** ir_version 8; opsets ai.onnx.ml 3 and ai.onnx 17. */
const domain = new TextEncoder().encode('ai.onnx.ml')
const header = Uint8Array.from([8, 8, 66, domain.length + 4, 10, domain.length, ...domain, 16, 3, 66, 4, 10, 0, 16, 17])
