import type { AttributeProto, NodeProto, TensorProto } from './onnx-proto.ts'
import { tensorTypes } from './onnx-proto.ts'

type Numbers = ArrayLike<number>

/** What a node is called in messages: operator and name. */
export const nodeTitle = (node: NodeProto): string => (node.name === '' ? node.opType : `${node.opType} "${node.name}"`)

export const findAttribute = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute.find((attribute) => attribute.name === name)

export const getInts = (node: NodeProto, name: string): readonly number[] => findAttribute(node, name)?.ints ?? []

export const getInt = (node: NodeProto, name: string, otherwise: number): number =>
  findAttribute(node, name)?.i ?? otherwise

export const getText = (node: NodeProto, name: string, otherwise: string): string =>
  textOf(findAttribute(node, name)?.s, otherwise)

export const getTexts = (node: NodeProto, name: string): readonly string[] =>
  (findAttribute(node, name)?.strings ?? []).map((bytes) => textOf(bytes, ''))

/** Number of classes that a classifier names, by integers or by texts. */
export const classCount = (node: NodeProto, integerLabels: string): number =>
  getTexts(node, 'classlabels_strings').length || getInts(node, integerLabels).length

/** A list of floats, from the attribute itself or its double-precision sibling `<name>_as_tensor`. */
export function getFloats(node: NodeProto, name: string): Numbers {
  const floats = findAttribute(node, name)?.floats ?? []
  return floats.length > 0 ? floats : getTensor(node, `${name}_as_tensor`)
}

export function getTensor(node: NodeProto, name: string): Numbers {
  const tensor = findAttribute(node, name)?.t
  return tensor ? tensorNumbers(tensor) : []
}

/** The values of a float, double, byte or int64 tensor; none for another type. */
export function tensorNumbers(tensor: TensorProto): Numbers {
  const raw = Uint8Array.from(tensor.rawData).buffer
  switch (tensor.dataType) {
    case tensorTypes.float:
      return raw.byteLength > 0 ? new Float32Array(raw, 0, raw.byteLength >> 2) : tensor.floatData
    case tensorTypes.double:
      return raw.byteLength > 0 ? new Float64Array(raw, 0, raw.byteLength >> 3) : tensor.doubleData
    case tensorTypes.uint8:
      return raw.byteLength > 0 ? new Uint8Array(raw) : tensor.int32Data
    case tensorTypes.int64:
      return raw.byteLength > 0 ? Array.from(new BigInt64Array(raw, 0, raw.byteLength >> 3), Number) : tensor.int64Data
    default:
      return []
  }
}

const decoder = new TextDecoder()
const textOf = (bytes: Uint8Array | undefined, otherwise: string): string =>
  bytes === undefined ? otherwise : decoder.decode(Uint8Array.from(bytes))
