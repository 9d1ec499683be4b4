import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { directoryName, unwritable } from './artefact-files.ts'

const beatMs = 10_000
/** Six beats missed: the holder is dead, or so far behind that it will find the artefact of another. */
const silenceMs = 60_000
const lookAgainMs = 1000

/**
 * Runs `work` while nobody else fits this artefact, in any process or on any machine that shares the bundle's directory;
 * `onWait` is told once that somebody does. The lock is a file that its holder touches: one that has not been touched for a
 * minute, or whose process is seen to be gone, is taken over. Throws ArtefactError ARTEFACT_UNWRITABLE.
 */
export async function withFitLock<T>(
  bundleDirectory: string,
  key: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const lock = join(bundleDirectory, directoryName, `${key}.fitting`)
  const holder = [placeOfProcesses(), process.pid, randomUUID()].join('\n')
  for (let waited = false; !(await take(lock, holder));) {
    if (await removeDead(lock)) continue
    if (!waited) onWait()
    waited = true
    await pause(lookAgainMs)
  }
  const beat = setInterval(() => void touch(lock), beatMs).unref()
  const leave = (): void => release(lock, holder)
  process.once('exit', leave)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.removeListener('exit', leave)
    leave()
  }
}

async function take(lock: string, holder: string): Promise<boolean> {
  try {
    await writeFile(lock, holder, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw unwritable(lock, error as Error)
  }
}

/** Whether the lock may be taken now. Renamed first: of several that see a dead holder one removes its lock. */
async function removeDead(lock: string): Promise<boolean> {
  const touched = await stat(lock).catch(() => undefined)
  if (touched === undefined) return true
  if (Date.now() - touched.mtimeMs < silenceMs && !(await isGone(lock))) return false
  const dead = `${lock}.${randomUUID()}`
  const isMoved = await rename(lock, dead).then(
    () => true,
    () => false,
  )
  await rm(dead, { force: true })
  return isMoved
}

/** The holder's process would be seen here if it lived. */
async function isGone(lock: string): Promise<boolean> {
  const [place, pid] = (await readFile(lock, 'utf8').catch(() => '')).split('\n')
  if (!place || place !== placeOfProcesses()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** The same for processes that see each other's ids, a container's for one; empty where the system does not say. */
function placeOfProcesses(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}

async function touch(lock: string): Promise<void> {
  const now = new Date()
  await utimes(lock, now, now).catch(() => undefined)
}

/** Only one's own: after a long sleep it may be another's. */
function release(lock: string, holder: string): void {
  try {
    if (readFileSync(lock, 'utf8') === holder) rmSync(lock)
  } catch {
    // Taken over and gone: there is nothing to release.
  }
}
