export const artefactErrorCodes = ['ARTEFACT_UNREADABLE', 'ARTEFACT_UNWRITABLE', 'FIT_FAILED'] as const
export type ArtefactErrorCode = (typeof artefactErrorCodes)[number]

/** An artefact that cannot be read, written or made. */
export class ArtefactError extends Error {
  override readonly name = 'ArtefactError'
  readonly code: ArtefactErrorCode

  constructor(code: ArtefactErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
