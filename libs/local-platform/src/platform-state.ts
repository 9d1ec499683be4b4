import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDirectory } from './cache.ts'
import type { OwnProcess } from './own-process.ts'
import { PlatformError } from './platform-error.ts'

/** What `up` leaves behind for the next `up` and for `down`. */
export interface PlatformState {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly how: string
  /** Empty when Docker runs the servers. */
  readonly processes: readonly OwnProcess[]
}

const stateFile = (env: NodeJS.ProcessEnv): string => join(stateDirectory(env), 'platform.json')

/** Undefined when nothing was left up. Throws PlatformError STATE_UNREADABLE. */
export async function readState(env: NodeJS.ProcessEnv): Promise<PlatformState | undefined> {
  try {
    return asState(JSON.parse(await readFile(stateFile(env), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new PlatformError(
      'STATE_UNREADABLE',
      `${stateFile(env)}, where \`raison up\` notes what it started, cannot be read (${(error as Error).message}): ` +
        'end its servers if any are left (their arguments contain raison.platform), then remove the file',
      { cause: error },
    )
  }
}

/** A mark that is empty would be in every command line: no process of others may be ended for a damaged file. */
function asState(written: unknown): PlatformState {
  const { brokers, registryUrl, how, processes } = Object(written) as Partial<PlatformState>
  const isWhole =
    Array.isArray(brokers) &&
    [registryUrl, how].every((text) => typeof text === 'string') &&
    Array.isArray(processes) &&
    processes.every((own?: Partial<OwnProcess>) => Number.isInteger(own?.pid) && own?.mark?.includes('raison'))
  if (!isWhole) throw new Error('it is incomplete')
  return written as PlatformState
}

/** By rename, so that a reader never sees half a file. */
export async function writeState(state: PlatformState, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(stateDirectory(env), { recursive: true })
  const draft = `${stateFile(env)}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(state, undefined, 2)}\n`)
  await rename(draft, stateFile(env))
}

export const removeState = (env: NodeJS.ProcessEnv): Promise<void> => rm(stateFile(env), { force: true })
