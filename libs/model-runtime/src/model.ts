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
  /**
   * Rows of the kind to come (the reference), row-major float32, by which openModel finds out whether onnxruntime's result
   * depends on a row's place in a run. Made-up rows when undefined; a model that refuses those scores its rows one by one.
   */
  readonly sampleRows?: Float32Array
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
}

/**
 * The model as a black box f in the space that contributions add up in, as onnxruntime computes it. Log-odds are read before
 * the sigmoid, never made from a rounded probability. Probability and raw are the output itself; only where raw means the sum
 * of a tree or linear model behind its logistic or softmax, which is what the exact route explains, f is that sum.
 *
 * `rows` (row-major float32, NaN = missing) are given away: their whole buffer moves to a worker, and every array over it is
 * empty afterwards. With several workers its pieces are copied, unless the buffer is a SharedArrayBuffer: that is read in
 * place by all and must not change until the answer is there. Memory of WebAssembly cannot move; give a copy.
 * A row's result has the same bits alone, in any company, in any place, on any worker and in any process on machines of one
 * CPU family (docs/decisions/0007). NaN and infinities of the model are handed on. Both throw ModelError
 * MODEL_SCORING_FAILED.
 */
export interface SampledRoute {
  /** f of each row. */
  outputs(rows: Float32Array, rowCount: number): Promise<Float64Array>
  /** f and the published score of each row, from the same run where one session shows both. */
  scoresAndOutputs(
    rows: Float32Array,
    rowCount: number,
  ): Promise<{ readonly scores: Float64Array; readonly outputs: Float64Array }>
}

export interface Model {
  readonly featureCount: number
  /** Undefined: no exact route, and `whyNotExact` says which node of the graph stands in the way. */
  readonly exact: ExactRoute | undefined
  readonly whyNotExact: string | undefined
  /** For models with an exact route too. Undefined: no log-odds can be read, and `whyNotSampled` says why and what helps. */
  readonly sampled: SampledRoute | undefined
  readonly whyNotSampled: string | undefined
  /** Whether NaN in a row is a value the model knows how to treat (tree branches, an imputer in front). */
  readonly acceptsMissing: boolean
  /** The published score of each row (row-major float32, NaN = missing), as onnxruntime computes it; the rows are copied. */
  score(rows: Float32Array, rowCount: number): Promise<Float64Array>
  close(): Promise<void>
}
