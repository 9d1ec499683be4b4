import { ModelError } from './model-error.ts'
import type { ModelGraph } from './model-graph.ts'
import { findSource } from './model-graph.ts'
import type { ValueInfoProto } from './onnx-proto.ts'
import { tensorTypes } from './onnx-proto.ts'

/** Checks that the named output is a tensor of numbers; throws MODEL_OUTPUT_UNKNOWN or MODEL_OUTPUT_UNSUPPORTED. */
export function assertOutput(graph: ModelGraph, name: string, fileName: string): void {
  const usable = graph.outputs.filter(holdsNumbers).map((output) => output.name)
  const instead = usable.length > 0 ? `name ${usable.join(' or ')} instead` : 'the graph has no output of floats'
  const output = graph.outputs.find((output) => output.name === name)
  if (output === undefined)
    throw new ModelError('MODEL_OUTPUT_UNKNOWN', `${fileName} has no output "${name}"; ${instead}`)
  if (findSource(graph, name)?.node.opType === 'ZipMap' || output.type?.tensorType === null)
    throw new ModelError(
      'MODEL_OUTPUT_UNSUPPORTED',
      `${fileName}: output "${name}" is a list of maps, not a tensor; export without ZipMap ` +
        '(skl2onnx: options={"zipmap": False}; onnxmltools: zipmap=False)',
    )
  if (!holdsNumbers(output))
    throw new ModelError(
      'MODEL_OUTPUT_UNSUPPORTED',
      `${fileName}: output "${name}" holds labels, not scores; ${instead}`,
    )
}

function holdsNumbers(output: ValueInfoProto): boolean {
  const type = output.type?.tensorType?.elemType
  return type === tensorTypes.float || type === tensorTypes.double
}

/** The column to read: the one named, else the last of two or the only one. */
export function chooseColumn(named: number | undefined, columnCount: number, output: string, fileName: string): number {
  if (named !== undefined && !(Number.isInteger(named) && named >= 0 && named < columnCount))
    throw new ModelError(
      'MODEL_COLUMN_UNKNOWN',
      `${fileName}: output "${output}" has ${columnCount} columns (0 to ${columnCount - 1}), not column ${named}`,
    )
  if (named === undefined && columnCount > 2)
    throw new ModelError(
      'MODEL_OUTPUT_AMBIGUOUS',
      `${fileName}: output "${output}" has ${columnCount} columns; say which one is the score (column: 0 to ${columnCount - 1})`,
    )
  return named ?? columnCount - 1
}
