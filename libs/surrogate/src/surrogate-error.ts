export const surrogateErrorCodes = [
  'BACKGROUND_EMPTY',
  'NOTHING_FITTED',
  'RESUME_MISMATCH',
  'SHAPE_MISMATCH',
  'TARGET_NOT_FINITE',
  'TOO_FEW_ROWS',
] as const
export type SurrogateErrorCode = (typeof surrogateErrorCodes)[number]

/** A surrogate that cannot be fitted or used as it was asked. */
export class SurrogateError extends Error {
  override readonly name = 'SurrogateError'
  readonly code: SurrogateErrorCode

  constructor(code: SurrogateErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
