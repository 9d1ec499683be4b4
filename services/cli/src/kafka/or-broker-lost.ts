import { CliError } from '../report-error.ts'

/** What kafkajs throws when it has given up in the middle of a command, by name and with the way out; any other error as it is. */
export function orBrokerLost(error: unknown): unknown {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS') || !mayPass(error)) return error
  return new CliError(
    'BROKER_UNREACHABLE',
    `the broker was lost in the middle (${error.message}): check that it runs, then ask again; what was done stays so`,
    { cause: error },
  )
}

interface KafkaError extends Error {
  readonly retriable?: boolean
}

/** Nothing that a request of ours is to blame for. A coordinator that is away is not marked as what may pass. */
function mayPass({ name, retriable, cause }: KafkaError): boolean {
  return retriable === true || name === 'KafkaJSGroupCoordinatorNotFound' || (cause instanceof Error && mayPass(cause))
}
