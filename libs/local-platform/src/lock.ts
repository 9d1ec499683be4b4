import { mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type OwnProcess } from './own-process.ts'

/**
 * Runs `action` while no other process runs one under the same lock, and says once that it waits. The lock is a link that
 * names its holder: made in one step, and one that a killed process left is taken over.
 */
export async function withLock<T>(
  lock: string,
  onWait: (holder: OwnProcess) => void,
  action: () => T | Promise<T>,
): Promise<T> {
  await mkdir(dirname(lock), { recursive: true })
  let waiting = false
  while (!(await take(lock))) {
    const holder = await holderOf(lock)
    if (holder === undefined) continue
    if (!(await isAlive(holder))) await removeAbandoned(lock)
    else {
      if (!waiting) onWait(holder)
      waiting = true
      await sleep(100)
    }
  }
  try {
    return await action()
  } finally {
    await rm(lock, { force: true })
  }
}

/** Under a lock of its own: between a look at a dead holder and the removal another process may have taken the lock. */
async function removeAbandoned(lock: string): Promise<void> {
  const remove = async (): Promise<void> => {
    const holder = await holderOf(lock)
    if (holder !== undefined && !(await isAlive(holder))) await rm(lock)
  }
  await withLock(`${lock}.abandoned`, () => undefined, remove)
}

async function take(lock: string): Promise<boolean> {
  const own: OwnProcess = { pid: process.pid, mark: basename(process.argv[1] ?? process.execPath) }
  try {
    await symlink(JSON.stringify(own), lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Undefined when nobody holds it any more. */
async function holderOf(lock: string): Promise<OwnProcess | undefined> {
  try {
    return JSON.parse(await readlink(lock)) as OwnProcess
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
