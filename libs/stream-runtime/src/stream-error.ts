export const streamErrorCodes = [
  'BROKER_REFUSED',
  'BROKER_UNREACHABLE',
  'BROKER_UNTRUSTED',
  'CONSUMER_FAILED',
  'KAFKA_TROUBLE',
  'POSITION_LOST',
  'PROCESSOR_FAILED',
  'PROCESSOR_RETRY',
  'RECORD_TOO_LARGE',
  'RIGHT_MISSING',
  'STALLED',
  'STATE_TOPIC_INVALID',
  'STOP_TIMED_OUT',
  'TOPIC_MISSING',
] as const

export type StreamErrorCode = (typeof streamErrorCodes)[number]

/**
 * Everything the runtime can fail with. Three are survived: after KAFKA_TROUBLE, and after RIGHT_MISSING in the work on a partition,
 * the partition is taken anew from its committed position; after PROCESSOR_RETRY the same batch is tried again. BROKER_REFUSED and
 * BROKER_UNTRUSTED are waited out for a while by a consumer that was let in before.
 */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: StreamErrorCode

  constructor(code: StreamErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export function isKafkaTrouble(error: unknown): error is StreamError {
  return error instanceof StreamError && (error.code === 'KAFKA_TROUBLE' || error.code === 'RIGHT_MISSING')
}
