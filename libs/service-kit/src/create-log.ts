import { pino, type Logger } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Lines on stderr, written at once: every thread of a service writes its own. */
export function createLog(name: string, level: LogLevel): Logger {
  return pino({ level, name }, pino.destination({ dest: 2, sync: true }))
}
