import { ModelError } from './model-error.ts'
import type { ModelGraph } from './model-graph.ts'
import { tensorTypes } from './onnx-proto.ts'

export interface ModelInput {
  readonly name: string
  readonly elementType: number
  readonly featureCount: number
  /** Rows per run when the graph fixes them. */
  readonly fixedRows: number | undefined
}

/** A graph may insist on a batch size, and then every call fills up such a batch. */
const mostFixedRows = 1024

/** The single table of numbers that a model reads; throws MODEL_INPUT_UNSUPPORTED or MODEL_FEATURE_COUNT. */
export function readInput(graph: ModelGraph, featureCount: number, fileName: string): ModelInput {
  const unsupported = (found: string): ModelError =>
    new ModelError(
      'MODEL_INPUT_UNSUPPORTED',
      `${fileName} reads ${found}; export it with one float input of shape [None, ${featureCount}] ` +
        `(skl2onnx: initial_types=[("input", FloatTensorType([None, ${featureCount}]))])`,
    )
  const [input, ...others] = graph.inputs
  if (input === undefined) throw unsupported('no input')
  if (others.length > 0) throw unsupported(`${graph.inputs.length} inputs (${listNames(graph.inputs)})`)
  const tensor = input.type?.tensorType
  if (tensor?.elemType !== tensorTypes.float && tensor?.elemType !== tensorTypes.double)
    throw unsupported(`"${input.name}", which is no table of floats`)
  const dimensions = tensor.shape?.dim
  if (dimensions !== undefined && dimensions.length !== 2)
    throw unsupported(`"${input.name}" of ${dimensions.length} dimensions`)

  const columns = dimensions?.[1]?.dimValue ?? 0
  if (columns > 0 && columns !== featureCount)
    throw new ModelError(
      'MODEL_FEATURE_COUNT',
      `${fileName} reads ${columns} columns, but ${featureCount} features are named; name each input column once, in order`,
    )
  const rows = dimensions?.[0]?.dimValue ?? 0
  if (rows > mostFixedRows) throw unsupported(`"${input.name}" in batches of exactly ${rows} rows`)
  return { name: input.name, elementType: tensor.elemType, featureCount, fixedRows: rows > 0 ? rows : undefined }
}

const listNames = (values: readonly { readonly name: string }[]): string => {
  const names = values.slice(0, 4).map((value) => value.name)
  return values.length > 4 ? `${names.join(', ')}, …` : names.join(', ')
}
