export const platformErrorCodes = [
  'JAVA_NOT_FOUND',
  'MAVEN_NOT_FOUND',
  'DOWNLOAD_FAILED',
  'DOCKER_FAILED',
  'BROKER_NOT_READY',
  'REGISTRY_NOT_READY',
  'STATE_UNREADABLE',
] as const
export type PlatformErrorCode = (typeof platformErrorCodes)[number]

/** Why no broker or registry could be had; the message ends with the way out. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly code: PlatformErrorCode

  constructor(code: PlatformErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
