import protobuf from 'protobufjs/light.js'

/** The part of onnx.proto that is read here. Absent fields hold protobuf's defaults: '', 0, [] and null for messages. */
export interface ModelProto {
  readonly graph: GraphProto | null
}

export interface GraphProto {
  readonly node: readonly NodeProto[]
  readonly initializer: readonly TensorProto[]
  readonly input: readonly ValueInfoProto[]
  readonly output: readonly ValueInfoProto[]
}

export interface NodeProto {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly name: string
  readonly opType: string
  readonly attribute: readonly AttributeProto[]
  readonly domain: string
}

export interface AttributeProto {
  readonly name: string
  readonly f: number
  readonly i: number
  readonly s: Uint8Array
  readonly t: TensorProto | null
  readonly floats: readonly number[]
  readonly ints: readonly number[]
  readonly strings: readonly Uint8Array[]
  readonly type: number
}

export interface TensorProto {
  readonly dims: readonly number[]
  readonly dataType: number
  readonly floatData: readonly number[]
  readonly int32Data: readonly number[]
  readonly int64Data: readonly number[]
  readonly name: string
  readonly rawData: Uint8Array
  readonly doubleData: readonly number[]
  readonly dataLocation: number
}

export interface ValueInfoProto {
  readonly name: string
  readonly type: {
    readonly tensorType: {
      readonly elemType: number
      readonly shape: { readonly dim: readonly { readonly dimValue: number; readonly dimParam: string }[] } | null
    } | null
  } | null
}

type Field = [id: number, type: string, repeated?: 'repeated']
const message = (fields: Record<string, Field>): protobuf.IType => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, rule]]) => [
      name,
      { id, type, ...(rule && { rule, options: { packed: false } }) },
    ]),
  ),
})

/** Of ModelProto and of its graph. */
export const fieldNumbers = { graph: 7, graphNode: 1, graphOutput: 12 } as const

/**
 * Field numbers of onnx.proto. Its int64 fields are read as int32: everything used here (node, feature and class ids,
 * dimensions, flags) fits, and a forest of a million nodes then stays an array of plain numbers.
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({ graph: [fieldNumbers.graph, 'GraphProto'] }),
    GraphProto: message({
      node: [fieldNumbers.graphNode, 'NodeProto', 'repeated'],
      initializer: [5, 'TensorProto', 'repeated'],
      input: [11, 'ValueInfoProto', 'repeated'],
      output: [fieldNumbers.graphOutput, 'ValueInfoProto', 'repeated'],
    }),
    NodeProto: message({
      input: [1, 'string', 'repeated'],
      output: [2, 'string', 'repeated'],
      name: [3, 'string'],
      opType: [4, 'string'],
      attribute: [5, 'AttributeProto', 'repeated'],
      domain: [7, 'string'],
    }),
    AttributeProto: message({
      name: [1, 'string'],
      f: [2, 'float'],
      i: [3, 'int32'],
      s: [4, 'bytes'],
      t: [5, 'TensorProto'],
      floats: [7, 'float', 'repeated'],
      ints: [8, 'int32', 'repeated'],
      strings: [9, 'bytes', 'repeated'],
      type: [20, 'int32'],
    }),
    TensorProto: message({
      dims: [1, 'int32', 'repeated'],
      dataType: [2, 'int32'],
      floatData: [4, 'float', 'repeated'],
      int32Data: [5, 'int32', 'repeated'],
      int64Data: [7, 'int32', 'repeated'],
      name: [8, 'string'],
      rawData: [9, 'bytes'],
      doubleData: [10, 'double', 'repeated'],
      dataLocation: [14, 'int32'],
    }),
    ValueInfoProto: message({ name: [1, 'string'], type: [2, 'TypeProto'] }),
    TypeProto: message({ tensorType: [1, 'TensorTypeProto'] }),
    TensorTypeProto: message({ elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] }),
    TensorShapeProto: message({ dim: [1, 'DimensionProto', 'repeated'] }),
    DimensionProto: message({ dimValue: [1, 'int32'], dimParam: [2, 'string'] }),
  },
})
const modelType = schema.lookupType('ModelProto')
const attributeType = schema.lookupType('AttributeProto')

/** Element types of a tensor, by their numbers in TensorProto.DataType. */
export const tensorTypes = { float: 1, uint8: 2, int64: 7, string: 8, double: 11 } as const

/** Throws whatever protobufjs throws on bytes that are no protobuf message. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.decode(bytes) as unknown as ModelProto
}

export const intAttribute = (name: string, i: number): AttributeProto =>
  attributeType.create({ name, i, type: 2 }) as unknown as AttributeProto

/**
 * Bytes of the model with more nodes and outputs. Two protobuf messages one after the other read as one whose repeated
 * fields are joined, so nothing of the original is written anew.
 */
export function extendModel(bytes: Uint8Array, graph: Partial<GraphProto>): Uint8Array {
  const addition = modelType.encode({ graph } as Record<string, unknown>).finish()
  const extended = new Uint8Array(bytes.length + addition.length)
  extended.set(bytes)
  extended.set(addition, bytes.length)
  return extended
}
