export const eventErrorCodes = [
  'EVENT_INVALID',
  'EVENT_NOT_AVRO',
  'EVENT_NOT_JSON',
  'FEATURE_OUT_OF_RANGE',
  'FEATURE_WRONG_TYPE',
  'REGISTRY_REFUSED',
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_UNTRUSTED',
  'SCHEMA_INCOMPATIBLE',
  'SCHEMA_UNKNOWN',
] as const

export type EventErrorCode = (typeof eventErrorCodes)[number]

/** What is wrong with an event or with its schema. REGISTRY_… say nothing about the event: it is kept and tried again. */
export class EventError extends Error {
  override readonly name = 'EventError'
  readonly code: EventErrorCode

  constructor(code: EventErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Of the registry, which is away or refuses us, or which we do not trust: the same may succeed later. */
  get isOfRegistry(): boolean {
    return this.code.startsWith('REGISTRY_')
  }
}
