export const modelErrorCodes = [
  'MODEL_CORRUPTED',
  'MODEL_EXTERNAL_DATA',
  'MODEL_REFUSED',
  'MODEL_INPUT_UNSUPPORTED',
  'MODEL_FEATURE_COUNT',
  'MODEL_OUTPUT_UNKNOWN',
  'MODEL_OUTPUT_UNSUPPORTED',
  'MODEL_OUTPUT_AMBIGUOUS',
  'MODEL_COLUMN_UNKNOWN',
  'MODEL_SPACE_UNSUPPORTED',
  'MODEL_PARSE_MISMATCH',
  'MODEL_SCORING_FAILED',
] as const

export type ModelErrorCode = (typeof modelErrorCodes)[number]

/** A model file that cannot be used, or a row that onnxruntime would not score; the message names the way out. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode

  constructor(code: ModelErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
