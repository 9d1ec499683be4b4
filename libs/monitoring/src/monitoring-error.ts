export const monitoringErrorCodes = ['EXPLANATION_INVALID', 'FEATURES_MISMATCH'] as const
export type MonitoringErrorCode = (typeof monitoringErrorCodes)[number]

/** Explanations that cannot be watched as they are. */
export class MonitoringError extends Error {
  override readonly name = 'MonitoringError'
  readonly code: MonitoringErrorCode

  constructor(code: MonitoringErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
