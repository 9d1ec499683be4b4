import { getFloats, getInt, findAttribute, tensorNumbers } from './attributes.ts'
import type { NodeProto, TensorProto } from './onnx-proto.ts'
import { tensorTypes } from './onnx-proto.ts'

/** One float32 operation on every feature by itself; `operand` has one entry per feature. */
export type FrontStep =
  | { readonly operation: 'subtract' | 'add' | 'multiply' | 'divide'; readonly operand: Float32Array }
  | { readonly operation: 'impute'; readonly operand: Float32Array; readonly replaced: number }

/** What a node in front of the model does to each feature; undefined when it is none of the known, feature-wise nodes. */
export function readFrontNode(
  node: NodeProto,
  initializers: ReadonlyMap<string, TensorProto>,
  featureCount: number,
): readonly FrontStep[] | undefined {
  const perFeature = (values: ArrayLike<number>): Float32Array | undefined =>
    values.length === featureCount
      ? Float32Array.from(values)
      : values.length === 1
        ? new Float32Array(featureCount).fill(values[0]!)
        : undefined
  switch (node.opType) {
    case 'Identity':
      return []
    case 'Cast':
      return getInt(node, 'to', 0) === tensorTypes.float ? [] : undefined
    case 'Scaler': {
      const offset = perFeature(getFloats(node, 'offset'))
      const scale = perFeature(getFloats(node, 'scale'))
      if (offset === undefined || scale === undefined) return undefined
      return [
        { operation: 'subtract', operand: offset },
        { operation: 'multiply', operand: scale },
      ]
    }
    case 'Imputer': {
      const operand = perFeature(getFloats(node, 'imputed_value_floats'))
      const replaced = findAttribute(node, 'replaced_value_float')?.f
      return operand && replaced !== undefined ? [{ operation: 'impute', operand, replaced }] : undefined
    }
    default: {
      const operation = operations[node.opType]
      const tensor = initializers.get(node.input[1] ?? '')
      const operand = tensor && perFeature(spansRows(tensor) ? [] : tensorNumbers(tensor))
      return operation && operand && tensor.dataType === tensorTypes.float ? [{ operation, operand }] : undefined
    }
  }
}

const operations: Readonly<Record<string, 'subtract' | 'add' | 'multiply' | 'divide'>> = {
  Sub: 'subtract',
  Add: 'add',
  Mul: 'multiply',
  Div: 'divide',
}

/** A column vector would be one entry per row, not per feature. */
const spansRows = (tensor: TensorProto): boolean => tensor.dims.slice(0, -1).some((size) => size !== 1)

/** Runs the steps in place over row-major float32 rows, rounding after each operation as onnxruntime does. */
export function applySteps(steps: readonly FrontStep[], rows: Float32Array, rowCount: number): void {
  for (const step of steps) {
    const { operand } = step
    const count = operand.length
    for (let at = 0; at < rowCount * count; at++) {
      const by = operand[at % count]!
      const x = rows[at]!
      switch (step.operation) {
        case 'subtract':
          rows[at] = x - by
          break
        case 'add':
          rows[at] = x + by
          break
        case 'multiply':
          rows[at] = x * by
          break
        case 'divide':
          rows[at] = x / by
          break
        case 'impute':
          if (Object.is(x, step.replaced) || x === step.replaced) rows[at] = by
      }
    }
  }
}

export const imputesMissing = (steps: readonly FrontStep[]): boolean =>
  steps.some((step) => step.operation === 'impute' && Number.isNaN(step.replaced) && !step.operand.includes(NaN))

/**
 * Moves the arithmetic after the last imputer into the coefficients, in float64: one rounding less than the float32
 * steps. Returns the steps that remain.
 */
export function foldIntoLinear(
  steps: readonly FrontStep[],
  linear: { readonly coefficients: Float64Array; readonly intercept: number },
): { steps: readonly FrontStep[]; coefficients: Float64Array; intercept: number } {
  const remaining = steps.findLastIndex((step) => step.operation === 'impute') + 1
  const coefficients = linear.coefficients.slice()
  let { intercept } = linear
  for (const { operation, operand } of steps.slice(remaining).reverse())
    for (let i = 0; i < coefficients.length; i++) {
      const by = operand[i]!
      if (operation === 'subtract') intercept -= coefficients[i]! * by
      else if (operation === 'add') intercept += coefficients[i]! * by
      else if (operation === 'multiply') coefficients[i]! *= by
      else coefficients[i]! /= by
    }
  return { steps: steps.slice(0, remaining), coefficients, intercept }
}
