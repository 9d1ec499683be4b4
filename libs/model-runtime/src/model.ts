import type { ExactForm } from '@raison/shapley'
import type { Link } from './read-out.ts'

/** The space in which contributions add up. */
export type Space = 'log-odds' | 'probability' | 'raw'

export interface ModelSource {
  /** The ONNX file. */
  readonly bytes: Uint8Array
  /** For messages only. */
  readonly fileName: string
  readonly featureNames: readonly string[]
  /** Graph output to read, and its column: the last of two or the only one when undefined, an error when there are more. */
  readonly output: string
  readonly column: number | undefined
  readonly space: Space
}

export interface ModelOptions {
  /** Worker threads that score; one unless said. */
  readonly workers?: number
}

/** The part of a model that can be explained exactly: `form` applied to the row that `transform` makes, feature by feature. */
export interface ExactRoute {
  readonly form: ExactForm
  /**
   * Applied in place to row-major float32 rows before the form: scalers and imputers in front of the model, in the same
   * float32 arithmetic as onnxruntime. Each feature depends on itself alone, so coalitions of transformed rows are
   * transformed coalitions. Undefined when nothing stands in front.
   */
  readonly transform: ((rows: Float32Array, rowCount: number) => void) | undefined
  /** How the score follows from the form's output (the margin); not from it alone when it is softmax. */
  readonly link: Link
  /** The margins as onnxruntime computes them, for comparison: it opens a session for this call alone. */
  runtimeMargins(rows: Float32Array, rowCount: number): Promise<Float64Array>
}

export interface Model {
  readonly featureCount: number
  /** Undefined: no exact route, and `whyNotExact` says which node of the graph stands in the way. */
  readonly exact: ExactRoute | undefined
  readonly whyNotExact: string | undefined
  /** Whether NaN in a row is a value the model knows how to treat (tree branches, an imputer in front). */
  readonly acceptsMissing: boolean
  /** The published score of each row (row-major float32, NaN = missing), as onnxruntime computes it. */
  score(rows: Float32Array, rowCount: number): Promise<Float64Array>
  close(): Promise<void>
}
