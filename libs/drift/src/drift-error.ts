export const driftErrorCodes = [
  'BASELINE_INVALID',
  'CONTRIBUTION_NOT_FINITE',
  'DRIFT_OPTION_INVALID',
  'REFERENCE_TOO_SMALL',
  'SHAPE_MISMATCH',
  'WINDOW_FULL',
  'WINDOW_INVALID',
  'WINDOW_MISMATCH',
] as const
export type DriftErrorCode = (typeof driftErrorCodes)[number]

/** Explanations that cannot be watched as they were given. */
export class DriftError extends Error {
  override readonly name = 'DriftError'
  readonly code: DriftErrorCode

  constructor(code: DriftErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
