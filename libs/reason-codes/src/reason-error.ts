export const reasonErrorCodes = ['CONTRIBUTION_NOT_FINITE', 'CONTRIBUTION_COUNT'] as const
export type ReasonErrorCode = (typeof reasonErrorCodes)[number]

/** The contributions handed over cannot be turned into reasons. */
export class ReasonError extends Error {
  override readonly name = 'ReasonError'
  readonly code: ReasonErrorCode

  constructor(code: ReasonErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
