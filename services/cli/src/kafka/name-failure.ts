import { errorType, missingRight, StreamError } from '@raison/stream-runtime'
import { CliError } from '../report-error.ts'

/**
 * What kafkajs throws in the middle of a command, by name and with the way out: RIGHT_MISSING for what a broker does not allow,
 * TOPIC_MISSING for a topic that is no longer there, BROKER_UNREACHABLE where it has given up; any other error as it is.
 */
export function nameFailure(error: Error): Error {
  return missingRight(error, 'refused by Kafka') ?? missingTopic(error) ?? (mayPass(error) ? lost(error) : error)
}

/** Every command looks for its topics first. Which one it is kafkajs keeps to itself. */
function missingTopic(cause: Error): StreamError | undefined {
  if (errorType(cause) !== 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
  return new StreamError(
    'TOPIC_MISSING',
    'a topic was deleted in the middle: create it (raison topics --create), then ask again; what was done stays so',
    { cause },
  )
}

function lost(cause: Error): CliError {
  return new CliError(
    'BROKER_UNREACHABLE',
    `the broker was lost in the middle (${cause.message}): check that it runs, then ask again; what was done stays so`,
    { cause },
  )
}

interface KafkaError extends Error {
  readonly retriable?: boolean
}

/** Nothing that a request of ours is to blame for. A coordinator that is away is not marked as what may pass. */
function mayPass({ name, retriable, cause }: KafkaError): boolean {
  return retriable === true || name === 'KafkaJSGroupCoordinatorNotFound' || (cause instanceof Error && mayPass(cause))
}
