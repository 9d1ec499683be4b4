export const streamErrorCodes = [
  'BROKER_UNREACHABLE',
  'CONSUMER_FAILED',
  'KAFKA_TROUBLE',
  'POSITION_LOST',
  'PROCESSOR_FAILED',
  'RECORD_TOO_LARGE',
  'STALLED',
  'STOP_TIMED_OUT',
  'TOPIC_MISSING',
] as const

export type StreamErrorCode = (typeof streamErrorCodes)[number]

/** Everything the runtime can fail with. KAFKA_TROUBLE alone is survived: the partition is taken anew from its committed position. */
export class StreamError extends Error {
  readonly code: StreamErrorCode

  constructor(code: StreamErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StreamError'
    this.code = code
  }
}

export function isKafkaTrouble(error: unknown): error is StreamError {
  return error instanceof StreamError && error.code === 'KAFKA_TROUBLE'
}
