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
  const refusal = answersIn(error).find(({ type }) => type in resources)
  if (refusal === undefined) return undefined
  const { type, topic } = refusal
  const resource = resources[type]
  const named = topic === undefined ? resource : `${resource} ${topic}`
  return new StreamError(
    'RIGHT_MISSING',
    `${doing}: this login lacks a right on the ${named}: grant it (docs/configuration.md#rights-on-kafka)`,
    { cause: error },
  )
}

/** The protocol's name of an error, wherever kafkajs has wrapped it; of several the first. */
export function errorType(error: unknown): string | undefined {
  return answersIn(error)[0]?.type
}

/** What a broker has answered. */
interface Answer {
  readonly type: string
  /** Where it is known. */
  readonly topic?: string
}

interface Wrapping {
  readonly type?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/** All of them: of several topics each may be answered for another reason. */
function answersIn(error: unknown): Answer[] {
  if (!(error instanceof Error)) return []
  const { type, cause, errors = [] } = error as Wrapping
  return type === undefined ? [cause, ...errors].flatMap(answersIn) : [error as Error & Answer]
}
