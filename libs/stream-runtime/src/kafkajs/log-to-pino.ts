import { logLevel, type logCreator } from 'kafkajs'
import type { Logger } from 'pino'

/** The client calls every retried request an error: here only what the group or the crash of its consumer says is worth a warning. */
export function logToPino(logger: Logger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const { message, broker, groupId, topic, partition, error, retryCount } = log
      const fields = { namespace, broker, groupId, topic, partition, error: textOf(error), retryCount }
      if (level === logLevel.ERROR && namespace.startsWith('Consumer')) logger.warn(fields, message)
      else logger.debug(fields, message)
    }
}

function textOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : undefined
}
