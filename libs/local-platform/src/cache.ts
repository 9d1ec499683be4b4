import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir()
  return env['RAISON_CACHE_DIR'] || join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'raison')
}

/** Where `raison up` keeps its data, logs and pids. */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir()
  return join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'raison')
}

/**
 * `directory`, filled by `fill` unless an earlier run did. It appears by one rename of a finished download, so half a
 * download never counts and of two processes that fill it at the same time the first to finish wins.
 */
export async function installOnce(directory: string, fill: (into: string) => Promise<void>): Promise<string> {
  if (existsSync(directory)) return directory
  await mkdir(dirname(directory), { recursive: true })
  await removeAbandoned(directory)
  const partial = await mkdtemp(partialPrefix(directory))
  try {
    await fill(partial)
    await rename(partial, directory)
  } catch (error) {
    if (!existsSync(directory)) throw error
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return directory
}

const partialPrefix = (directory: string): string => `${directory}.partial-`

/** What a killed download left behind; a living one is never an hour old. */
async function removeAbandoned(directory: string): Promise<void> {
  const parent = dirname(directory)
  const partials = (await readdir(parent))
    .map((name) => join(parent, name))
    .filter((path) => path.startsWith(partialPrefix(directory)))
  for (const path of partials) {
    const age = Date.now() - (await stat(path)).mtimeMs
    if (age > 3_600_000) await rm(path, { recursive: true, force: true })
  }
}
