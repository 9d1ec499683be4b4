export const shapleyErrorCodes = [
  'BACKGROUND_EMPTY',
  'BUDGET_TOO_SMALL',
  'NO_PLAYERS',
  'SHAPE_MISMATCH',
  'TOO_MANY_PLAYERS',
] as const
export type ShapleyErrorCode = (typeof shapleyErrorCodes)[number]

/** A game that cannot be explained as it was given. */
export class ShapleyError extends Error {
  override readonly name = 'ShapleyError'
  readonly code: ShapleyErrorCode

  constructor(code: ShapleyErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
