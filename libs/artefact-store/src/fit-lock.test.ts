import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { withFitLock } from './fit-lock.ts'

const nothing = (): undefined => undefined

test('of several that want the same artefact one works at a time, the others are told to wait', async () => {
  const directory = await bundleDirectory()
  let [atWork, most, waited] = [0, 0, 0]
  const work = async (): Promise<void> => {
    most = Math.max(most, ++atWork)
    await new Promise((resolve) => setTimeout(resolve, 20))
    atWork--
  }
  await Promise.all(Array.from({ length: 3 }, () => withFitLock(directory, 'key', () => waited++, work)))
  expect([most, waited]).toEqual([1, 2])
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

test('another artefact does not wait', async () => {
  const directory = await bundleDirectory()
  const waits = (): never => {
    throw new Error('it waits')
  }
  const inner = (): Promise<string> => withFitLock(directory, 'other', waits, async () => 'done')
  expect(await withFitLock(directory, 'key', waits, inner)).toBe('done')
})

test('a failure releases the lock', async () => {
  const directory = await bundleDirectory()
  const fails = withFitLock(directory, 'key', nothing, () => Promise.reject(new Error('no rows')))
  await expect(fails).rejects.toThrow('no rows')
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

test('a holder keeps its lock however long it is silent, and loses it the moment it is killed', async () => {
  const directory = await bundleDirectory()
  const holder = await holderOf(directory)
  const longAgo = new Date(0)
  await utimes(join(directory, 'artefacts', 'key.fitting'), longAgo, longAgo)
  let killed = false
  const kill = (): void => {
    setTimeout(() => (killed = holder.kill('SIGKILL')), 1500)
  }
  expect(await withFitLock(directory, 'key', kill, async () => killed)).toBe(true)
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

const leftBehind = [
  Buffer.alloc(0),
  Buffer.alloc(4096),
  Buffer.from('{"pid":4711}'),
  Buffer.alloc(5000, 'SQLite format 3'),
]
test.each(leftBehind)('what a machine that lost its power left behind is nobody’s lock (%#)', async (bytes) => {
  const directory = await bundleDirectory()
  await writeFile(join(directory, 'artefacts', 'key.fitting'), bytes)
  const waits = (): never => {
    throw new Error('it waits')
  }
  expect(await withFitLock(directory, 'key', waits, async () => 'done')).toBe('done')
})

test('one who waited for a lock that was removed with its file waits for the new file’s holder too', async () => {
  const directory = await bundleDirectory()
  const order: string[] = []
  const waiting = Promise.withResolvers<void>()
  const [second, third] = ['second', 'third'].map((name) => async () => void order.push(name))
  const first = withFitLock(directory, 'key', nothing, () => waiting.promise)
  const last = withFitLock(directory, 'key', waiting.resolve, second!)
  await first
  await withFitLock(directory, 'key', nothing, third!)
  await last
  expect(order.toSorted()).toEqual(['second', 'third'])
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

test('a directory that is not there says what to do', async () => {
  const failure = withFitLock('/nowhere', 'key', nothing, async () => undefined)
  await expect(failure).rejects.toMatchObject({ code: 'ARTEFACT_UNWRITABLE' })
})

async function bundleDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-lock-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await mkdir(join(directory, 'artefacts'))
  return directory
}

/** Another process that has the lock, and says nothing. */
async function holderOf(directory: string): Promise<ChildProcess> {
  const holder = fork(fileURLToPath(new URL('./testing/hold-fit-lock.ts', import.meta.url)), [directory, 'key'])
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder, 'message')
  return holder
}
