import { findAttribute, getInt, tensorNumbers } from './attributes.ts'
import { ModelError } from './model-error.ts'
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from './onnx-proto.ts'
import { decodeModel, tensorTypes } from './onnx-proto.ts'

/** A graph with its tensors indexed by name. */
export interface ModelGraph {
  readonly nodes: readonly NodeProto[]
  readonly inputs: readonly ValueInfoProto[]
  readonly outputs: readonly ValueInfoProto[]
  /** Constants: initializers, and what Constant nodes hold. */
  readonly initializers: ReadonlyMap<string, TensorProto>
  readonly producers: ReadonlyMap<string, NodeProto>
  readonly consumers: ReadonlyMap<string, readonly NodeProto[]>
}

/** Reads the bytes of an ONNX file; throws MODEL_CORRUPTED or MODEL_EXTERNAL_DATA. */
export function readGraph(bytes: Uint8Array, fileName: string): ModelGraph {
  const graph = decode(bytes, fileName)
  const outside = graph.initializer.find((tensor) => tensor.dataLocation === 1)
  if (outside !== undefined)
    throw new ModelError(
      'MODEL_EXTERNAL_DATA',
      `${fileName} keeps "${outside.name}" in another file; save the model as one file (onnx.save without external data)`,
    )
  const names = new Set(graph.initializer.map((tensor) => tensor.name))
  return {
    nodes: graph.node,
    // Old files list their constants among the inputs.
    inputs: graph.input.filter((input) => !names.has(input.name)),
    outputs: graph.output,
    initializers: new Map([
      ...constantsOf(graph.node),
      ...graph.initializer.map((tensor) => [tensor.name, tensor] as const),
    ]),
    producers: new Map(graph.node.flatMap((node) => node.output.map((tensor) => [tensor, node] as const))),
    consumers: indexConsumers(graph.node),
  }
}

function decode(bytes: Uint8Array, fileName: string): GraphProto {
  const remedy = 'give the .onnx file as the exporter wrote it'
  if (bytes.length === 0) throw new ModelError('MODEL_CORRUPTED', `${fileName} is empty; ${remedy}`)
  let graph
  try {
    graph = decodeModel(bytes).graph
  } catch (error) {
    throw new ModelError('MODEL_CORRUPTED', `${fileName} is no ONNX file or is cut off; ${remedy}`, error)
  }
  if (graph === null) throw new ModelError('MODEL_CORRUPTED', `${fileName} holds no ONNX graph; ${remedy}`)
  return graph
}

const constantsOf = (nodes: readonly NodeProto[]): (readonly [string, TensorProto])[] =>
  nodes.flatMap((node) => {
    const value = node.opType === 'Constant' ? findAttribute(node, 'value')?.t : undefined
    return value ? [[node.output[0]!, value] as const] : []
  })

function indexConsumers(nodes: readonly NodeProto[]): Map<string, NodeProto[]> {
  const consumers = new Map<string, NodeProto[]>()
  for (const node of nodes)
    for (const tensor of node.input) consumers.set(tensor, [...(consumers.get(tensor) ?? []), node])
  return consumers
}

/** The node whose values an output shows, back through nodes that hand them on unchanged. */
export function findSource(graph: ModelGraph, output: string): { node: NodeProto; tensor: string } | undefined {
  let tensor = output
  for (let hops = 0; hops <= graph.nodes.length; hops++) {
    const node = graph.producers.get(tensor)
    if (node === undefined) return undefined
    const origin = unchangedInput(node, graph.initializers)
    if (origin === undefined) return { node, tensor }
    tensor = origin
  }
  return undefined
}

/** The input that a node hands on as it is; undefined when it changes the values. */
export function unchangedInput(node: NodeProto, initializers: ReadonlyMap<string, TensorProto>): string | undefined {
  const [first = '', second = ''] = node.input
  if (node.opType === 'Identity') return first
  if (node.opType === 'Cast') {
    const to = getInt(node, 'to', 0)
    return to === tensorTypes.float || to === tensorTypes.double ? first : undefined
  }
  // LightGBM's converter multiplies its probabilities by one.
  if (node.opType === 'Mul') {
    if (isOne(initializers.get(second))) return first
    if (isOne(initializers.get(first))) return second
  }
  return undefined
}

export function isOne(tensor: TensorProto | undefined): boolean {
  const values = tensor === undefined ? [] : Array.from(tensorNumbers(tensor))
  return values.length === 1 && values[0] === 1
}
