export const explainErrorCodes = [
  'BUNDLE_REFERENCE_EMPTY',
  'BUNDLE_REFERENCE_MISSING_VALUE',
  'FEATURE_MISSING',
  'FEATURE_MISSING_VALUE',
  'FEATURE_OUT_OF_RANGE',
  'FEATURE_WRONG_TYPE',
  'FIT_NOT_NEEDED',
  'MODEL_NOT_EXPLAINABLE',
  'MODEL_OUTPUT_NOT_FINITE',
  'MODEL_UNKNOWN',
] as const

export type ExplainErrorCode = (typeof explainErrorCodes)[number]

/** Why a decision could not be explained, or a bundle not be opened for explaining. */
export class ExplainError extends Error {
  override readonly name = 'ExplainError'
  readonly code: ExplainErrorCode

  constructor(code: ExplainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
