import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withFitLock } from './fit-lock.ts'

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
  const fails = withFitLock(
    directory,
    'key',
    () => undefined,
    () => Promise.reject(new Error('no rows')),
  )
  await expect(fails).rejects.toThrow('no rows')
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

test('the lock of a holder that died is taken over, and that of one that lives is touched', async () => {
  const directory = await bundleDirectory()
  const lock = join(directory, 'artefacts', 'key.fitting')
  await writeFile(lock, 'a process that was killed')
  const longAgo = new Date(Date.now() - 61_000)
  await utimes(lock, longAgo, longAgo)
  const held = await withFitLock(
    directory,
    'key',
    () => undefined,
    async () => stat(lock),
  )
  expect(held.mtimeMs).toBeGreaterThan(longAgo.getTime() + 50_000)
  expect(await readdir(join(directory, 'artefacts'))).toEqual([])
})

test('one that was taken over leaves the lock of the other alone', async () => {
  const directory = await bundleDirectory()
  const lock = join(directory, 'artefacts', 'key.fitting')
  await withFitLock(
    directory,
    'key',
    () => undefined,
    () => writeFile(lock, 'another'),
  )
  expect(await readdir(join(directory, 'artefacts'))).toEqual(['key.fitting'])
})

test('a directory that is not there says what to do', async () => {
  const failure = withFitLock(
    '/nowhere',
    'key',
    () => undefined,
    async () => undefined,
  )
  await expect(failure).rejects.toMatchObject({ code: 'ARTEFACT_UNWRITABLE' })
})

async function bundleDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-lock-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await mkdir(join(directory, 'artefacts'))
  return directory
}
