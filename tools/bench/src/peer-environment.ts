import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The Python of a virtual environment that holds the packages of a requirements file. It lies in the user's cache,
 * one for each content of the file, and is made when it is not there. Throws when Python or a package cannot be had.
 */
export function preparePeers(requirementsFile: string): string {
  const hash = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12)
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const directory = join(cache, 'raison', `peers-${hash}`)
  const python = join(directory, 'bin', 'python')
  const complete = join(directory, 'complete')
  if (existsSync(complete)) return python

  console.error(`Installing the peers of ${requirementsFile} (once, a minute or two) …`)
  rmSync(directory, { recursive: true, force: true })
  run('python3', ['-m', 'venv', directory])
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile])
  writeFileSync(complete, '')
  return python
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  if (error !== undefined) throw new Error(`cannot start ${command}: install Python ≥ 3.11 with venv`, { cause: error })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}; its output is above`)
}
