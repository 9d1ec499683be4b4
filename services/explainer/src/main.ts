import { setFlagsFromString } from 'node:v8'
import { readConfig, type ExplainerConfig } from './config.ts'
import { createExplainer } from './create-explainer.ts'
import { createLog } from './create-log.ts'

// A batch lives for milliseconds, and is more than the 1 MB with which V8 begins: what it copied instead of forgetting was a
// fifth of the processor time. Megabytes, for the threads that are started from here on.
setFlagsFromString('--min-semi-space-size=32')
setFlagsFromString('--max-semi-space-size=64')

const config = configOrExit()
const log = createLog(config)
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
if (process.env['RAISON_STOP_WITH_STDIN'] === '1') process.stdin.resume().once('end', () => stopping.abort())

try {
  await createExplainer(config, log, stopping.signal)
  log.info('stopped')
  process.exit(0)
} catch (error) {
  const { code, message } = error as Error & { code?: string }
  log.fatal({ code, ...(code === undefined && { err: error as Error }) }, message)
  process.exit(code === 'CONFIG_INVALID' ? 2 : 1)
}

function configOrExit(): ExplainerConfig {
  try {
    return readConfig(process.env)
  } catch (error) {
    process.stderr.write(`explainer: CONFIG_INVALID: ${(error as Error).message}\n`)
    return process.exit(2)
  }
}
