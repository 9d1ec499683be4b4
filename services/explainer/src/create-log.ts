import { pino, type Logger } from 'pino'
import type { ExplainerConfig } from './config.ts'

/** Lines on stderr, written at once: every thread of the service writes its own. */
export function createLog({ logLevel }: Pick<ExplainerConfig, 'logLevel'>): Logger {
  return pino({ level: logLevel, name: 'explainer' }, pino.destination({ dest: 2, sync: true }))
}
