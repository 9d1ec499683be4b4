import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { directoryName, unwritable } from './artefact-files.ts'

const lookAgainMs = 1000

/**
 * Runs `work` while nobody else fits this artefact, in any process or on any machine that shares the bundle's directory;
 * `onWait` is told once that somebody does. The lock is the operating system's, on a file that SQLite opens: it cannot be
 * taken from a holder that lives, however busy, and is free the moment its holder has ended, however that came about.
 * Throws ArtefactError ARTEFACT_UNWRITABLE.
 */
export async function withFitLock<T>(
  bundleDirectory: string,
  key: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const file = join(bundleDirectory, directoryName, `${key}.fitting`)
  const lock = take(file) ?? (onWait(), await takeWhenFree(file))
  const leave = (): void => release(file, lock)
  process.once('exit', leave)
  try {
    return await work()
  } finally {
    process.removeListener('exit', leave)
    leave()
  }
}

async function takeWhenFree(file: string): Promise<DatabaseSync> {
  for (;;) {
    await pause(lookAgainMs)
    const lock = take(file)
    if (lock !== undefined) return lock
  }
}

/**
 * Undefined while another has it. A holder removes the file as it leaves, so who gets the lock then may hold a file without
 * a name: SQLite refuses to write to such a one, if it was ever written to, and so it is written to twice.
 */
function take(file: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file)
    lock.exec('PRAGMA synchronous = OFF; PRAGMA user_version = 1; BEGIN EXCLUSIVE; PRAGMA user_version = 2')
    return lock
  } catch (error) {
    lock?.close()
    const { errcode } = error as { errcode?: number }
    if (anothers.includes(errcode!)) return undefined
    if (leftovers.includes(errcode!) && remove(file)) return take(file)
    throw unwritable(file, error as Error)
  }
}

/** SQLite's codes BUSY, READONLY_DBMOVED, and IOERR_DELETE_NOENT: another was faster with the journal of a removed file. */
const anothers = [5, 1032, 5898]

/** CORRUPT and NOTADB: what a machine that lost its power left behind. Whoever holds the lock is met before the bytes are. */
const leftovers = [11, 26]

function release(file: string, lock: DatabaseSync): void {
  remove(file)
  lock.close()
}

/** Whether it could be; what stays behind is a file that nobody locks. */
function remove(file: string): boolean {
  try {
    for (const name of [file, `${file}-journal`]) rmSync(name, { force: true })
    return true
  } catch {
    return false
  }
}
