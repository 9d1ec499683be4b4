import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CliError } from './report-error.ts'

const services = ['explainer', 'drift-monitor']

/** Becomes the service: one process, so signals and the exit status are the service's own. */
export function runService(name: string): void {
  if (!services.includes(name))
    throw new CliError('USAGE', `there is no service ${name}: one of ${services.join(', ')}`)
  process.execve!(process.execPath, [process.execPath, ...process.execArgv, mainOf(name)], process.env)
}

/** The file that a service starts with. */
export function mainOf(service: string): string {
  const main = fileURLToPath(new URL(`../../${service}/src/main.ts`, import.meta.url))
  if (!existsSync(main)) throw new CliError('USAGE', `the service ${service} is not installed here: ${main} is missing`)
  return main
}
