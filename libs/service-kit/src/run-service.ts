import type { Logger } from 'pino'
import { createLog, type LogLevel } from './create-log.ts'
import { describeError } from './describe-error.ts'
import type { Env } from './read-config.ts'

/**
 * A service from its start to the exit of the process: SIGTERM and SIGINT stop it. Exit status 0 when stopped, 1 when failed,
 * 2 for a configuration that cannot be used.
 */
export async function runService<Config extends { readonly logLevel: LogLevel }>(
  name: string,
  readConfig: (env: Env) => Config,
  run: (config: Config, log: Logger, signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const config = configOrExit(name, readConfig)
  const log = createLog(name, config.logLevel)
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  if (process.env['RAISON_STOP_WITH_STDIN'] === '1') process.stdin.resume().once('end', () => stopping.abort())

  try {
    await run(config, log, stopping.signal)
    log.info('stopped')
    process.exit(0)
  } catch (error) {
    const { message, ...told } = describeError(error)
    log.fatal(told, message)
    process.exit(told.code === 'CONFIG_INVALID' ? 2 : 1)
  }
}

function configOrExit<Config>(name: string, readConfig: (env: Env) => Config): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    process.stderr.write(`${name}: CONFIG_INVALID: ${(error as Error).message}\n`)
    return process.exit(2)
  }
}
