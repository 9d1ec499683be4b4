import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDirectory } from './cache.ts'
import type { OwnProcess } from './own-process.ts'

/** What `up` leaves behind for the next `up` and for `down`. */
export interface PlatformState {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly how: string
  /** Empty when Docker runs the servers. */
  readonly processes: readonly OwnProcess[]
}

const stateFile = (env: NodeJS.ProcessEnv): string => join(stateDirectory(env), 'platform.json')

/** Undefined when nothing was left up, or the file cannot be read as a state. */
export async function readState(env: NodeJS.ProcessEnv): Promise<PlatformState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(env), 'utf8')) as PlatformState
  } catch {
    return undefined
  }
}

/** By rename, so that a reader never sees half a file. */
export async function writeState(state: PlatformState, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(stateDirectory(env), { recursive: true })
  const draft = `${stateFile(env)}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(state, undefined, 2)}\n`)
  await rename(draft, stateFile(env))
}

export const removeState = (env: NodeJS.ProcessEnv): Promise<void> => rm(stateFile(env), { force: true })
