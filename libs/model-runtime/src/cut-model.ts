import protobuf from 'protobufjs/light.js'
import type { ModelGraph } from './model-graph.ts'
import type { NodeProto } from './onnx-proto.ts'
import { extendModel, fieldNumbers } from './onnx-proto.ts'

/**
 * The model cut down to what computes `tensors`, which become its outputs; `added` nodes may compute some of them.
 * onnxruntime runs every node of a graph, read or not: label, ZipMap, a classifier beside its margins. Nodes that stay are
 * copied byte by byte.
 */
export function cutModel(
  bytes: Uint8Array,
  graph: ModelGraph,
  tensors: readonly string[],
  added: readonly NodeProto[] = [],
): Uint8Array {
  const shown = new Map(graph.outputs.map((output) => [output.name, output]))
  // The graphs inside such nodes read tensors of the outer graph that their inputs do not name.
  if (graph.nodes.some(holdsGraph)) {
    const hidden = tensors.filter((tensor) => !shown.has(tensor))
    return extendModel(bytes, { node: added, output: hidden.map((name) => ({ name, type: null })) })
  }
  const needed = findNeeded([...graph.nodes, ...added], tensors)
  const output = tensors.map((name) => shown.get(name) ?? { name, type: null })
  return extendModel(keepNodes(bytes, graph.nodes, needed), { node: added, output })
}

const graphTypes: readonly number[] = [5, 10]
const holdsGraph = (node: NodeProto): boolean => node.attribute.some(({ type }) => graphTypes.includes(type))

function findNeeded(nodes: readonly NodeProto[], tensors: readonly string[]): Set<NodeProto> {
  const producers = new Map(nodes.flatMap((node) => node.output.map((tensor) => [tensor, node] as const)))
  const needed = new Set<NodeProto>()
  const open = [...tensors]
  while (open.length > 0) {
    const node = producers.get(open.pop()!)
    if (node === undefined || needed.has(node)) continue
    needed.add(node)
    open.push(...node.input)
  }
  return needed
}

/** The same bytes without the outputs and without the nodes that are not needed. */
function keepNodes(bytes: Uint8Array, nodes: readonly NodeProto[], needed: ReadonlySet<NodeProto>): Uint8Array {
  let index = 0
  const keepInGraph = (field: number): boolean =>
    field === fieldNumbers.graphNode ? needed.has(nodes[index++]!) : field !== fieldNumbers.graphOutput
  return joinBytes(
    fieldsOf(bytes).map(({ field, whole, content }) =>
      field === fieldNumbers.graph
        ? withLength(
            field,
            joinBytes(fieldsOf(content).flatMap((inner) => (keepInGraph(inner.field) ? [inner.whole] : []))),
          )
        : whole,
    ),
  )
}

interface WireField {
  readonly field: number
  /** Tag, length and content. */
  readonly whole: Uint8Array
  /** Of a message; meaningless for plain numbers. */
  readonly content: Uint8Array
}

function fieldsOf(bytes: Uint8Array): WireField[] {
  const reader = protobuf.Reader.create(bytes)
  const fields: WireField[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    const isMessage = (tag & 7) === 2
    const length = isMessage ? reader.uint32() : 0
    const content = reader.pos
    if (isMessage) reader.skip(length)
    else reader.skipType(tag & 7)
    fields.push({
      field: tag >>> 3,
      whole: bytes.subarray(start, reader.pos),
      content: bytes.subarray(content, reader.pos),
    })
  }
  return fields
}

const withLength = (field: number, content: Uint8Array): Uint8Array =>
  protobuf.Writer.create()
    .uint32((field << 3) | 2)
    .bytes(content)
    .finish()

const joinBytes = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces)
