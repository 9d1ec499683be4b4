import { StreamError } from '../stream-error.ts'

/** What the right is on that is missing, by the broker's word for it. */
const resources: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'topic',
  GROUP_AUTHORIZATION_FAILED: 'consumer group',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'transactional id',
  CLUSTER_AUTHORIZATION_FAILED: 'cluster',
}

/** RIGHT_MISSING where that is what a broker has answered, `doing` what was asked of it; undefined for any other error. */
export function missingRight(error: unknown, doing: string): StreamError | undefined {
  const { type = '', topic } = answerIn(error) ?? {}
  const resource = resources[type]
  if (resource === undefined) return undefined
  const named = topic === undefined ? resource : `${resource} ${topic}`
  return new StreamError(
    'RIGHT_MISSING',
    `${doing}: this login lacks a right on the ${named}: grant it (docs/configuration.md#rights-on-kafka)`,
    { cause: error },
  )
}

/** The protocol's name of an error, wherever kafkajs has wrapped it. */
export function errorType(error: unknown): string | undefined {
  return answerIn(error)?.type
}

/** What a broker has answered. */
interface Answer {
  readonly type?: string
  /** Where it is known. */
  readonly topic?: string
}

function answerIn(error: unknown): Answer | undefined {
  const { type, cause, errors } = error as Answer & { readonly cause?: unknown; readonly errors?: readonly unknown[] }
  if (type !== undefined) return error as Answer
  const inner = cause instanceof Error ? cause : errors?.[0]
  return inner instanceof Error ? answerIn(inner) : undefined
}
