import { classCount, getFloats, getInt, getText, nodeTitle } from './attributes.ts'
import { ModelError } from './model-error.ts'
import type { NodeProto } from './onnx-proto.ts'
import type { Combination, MarginForm, ReadOut } from './read-out.ts'
import { readColumn, readSingleTarget, single } from './read-out.ts'

export interface LinearNode {
  readonly targetCount: number
  /** One row of coefficients per target, row-major. */
  readonly coefficients: ArrayLike<number>
  readonly intercepts: ArrayLike<number>
}

export const isLinearNode = (node: NodeProto): boolean =>
  node.domain === 'ai.onnx.ml' && /^Linear(Classifier|Regressor)$/.test(node.opType)

export function readLinearNode(node: NodeProto, fileName: string): LinearNode {
  const coefficients = getFloats(node, 'coefficients')
  const intercepts = getFloats(node, 'intercepts')
  const targetCount = node.opType === 'LinearClassifier' ? intercepts.length : getInt(node, 'targets', 1)
  if (targetCount < 1 || coefficients.length % targetCount !== 0 || intercepts.length % targetCount !== 0)
    throw new ModelError(
      'MODEL_CORRUPTED',
      `${fileName}: ${nodeTitle(node)} has ${coefficients.length} coefficients and ${intercepts.length} intercepts ` +
        `for ${targetCount} targets; export the model again`,
    )
  return { targetCount, coefficients, intercepts }
}

/** Throws MODEL_FEATURE_COUNT: onnxruntime would read past the end of the coefficients. */
export function assertCoefficients(node: NodeProto, linear: LinearNode, featureCount: number, fileName: string): void {
  const { coefficients, targetCount } = linear
  if (coefficients.length !== targetCount * featureCount)
    throw new ModelError(
      'MODEL_FEATURE_COUNT',
      `${fileName}: ${nodeTitle(node)} has coefficients for ${coefficients.length / targetCount} features, ` +
        `but ${featureCount} are named; name each input column once, in order`,
    )
}

/** The margin behind a column, coefficients in float64 of the float32 in the file. A text says why there is none. */
export function readLinearForm(node: NodeProto, linear: LinearNode, column: number): MarginForm | string {
  const readOut = readLinearReadOut(node, linear, column)
  if (typeof readOut === 'string') return readOut
  const { targetCount, coefficients, intercepts } = linear
  const featureCount = coefficients.length / targetCount
  const combined = new Float64Array(featureCount)
  let intercept = readOut.offset
  readOut.factors.forEach((factor, target) => {
    intercept += factor * (intercepts[target] ?? 0)
    for (let i = 0; i < featureCount; i++) combined[i]! += factor * coefficients[target * featureCount + i]!
  })
  return { form: { kind: 'linear', coefficients: combined, intercept }, readOut }
}

export function readLinearReadOut(node: NodeProto, { targetCount }: LinearNode, column: number): ReadOut | string {
  const postTransform = getText(node, 'post_transform', 'NONE')
  const readOut =
    node.opType === 'LinearClassifier'
      ? readClassifier(node, targetCount, postTransform, column)
      : readTargets(targetCount, postTransform, column)
  return typeof readOut === 'string' ? `${nodeTitle(node)}: ${readOut}` : readOut
}

function readClassifier(node: NodeProto, targetCount: number, postTransform: string, column: number): ReadOut | string {
  if (targetCount > 1) return readTargets(targetCount, postTransform, column)
  if (classCount(node, 'classlabels_ints') !== 2) return 'a classifier of a single class'
  // One row of coefficients for two classes: the first column is its negative, and softmax is not applied.
  const columns: Combination[] = [single(1, 0, 0, -1), single(1, 0)]
  return readColumn(columns, /^SOFTMAX/.test(postTransform) ? 'NONE' : postTransform, column)
}

function readTargets(targetCount: number, postTransform: string, column: number): ReadOut | string {
  if (targetCount === 1) return readSingleTarget(postTransform, 0)
  const columns = Array.from({ length: targetCount }, (_, k) => single(targetCount, k))
  return readColumn(columns, postTransform, column)
}
