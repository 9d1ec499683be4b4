export const treeErrorCodes = ['FIT_OPTION_INVALID', 'SHAPE_MISMATCH', 'TARGET_NOT_FINITE', 'TOO_FEW_ROWS'] as const
export type TreeErrorCode = (typeof treeErrorCodes)[number]

/** Trees that cannot be fitted as it was asked. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
  readonly code: TreeErrorCode

  constructor(code: TreeErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
