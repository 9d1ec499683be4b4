import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cacheDirectory, installOnce } from './cache.ts'

test('a directory is filled once and then taken as it is', async () => {
  const directory = join(await temporaryDirectory(), 'kafka-1')
  await installOnce(directory, (into) => writeFile(join(into, 'jar'), 'first'))
  await installOnce(directory, (into) => writeFile(join(into, 'jar'), 'second'))
  expect(await readFile(join(directory, 'jar'), 'utf8')).toBe('first')
})

test('half a download does not count: nothing is there after a failure, and the next try starts afresh', async () => {
  const cache = await temporaryDirectory()
  const directory = join(cache, 'kafka-1')
  const failing = installOnce(directory, async (into) => {
    await writeFile(join(into, 'jar'), 'ha')
    throw new Error('connection reset')
  })
  await expect(failing).rejects.toThrow('connection reset')
  expect(await readdir(cache)).toEqual([])
  await installOnce(directory, (into) => writeFile(join(into, 'jar'), 'whole'))
  expect(await readFile(join(directory, 'jar'), 'utf8')).toBe('whole')
})

test('two that fill the same directory at once both get a whole one', async () => {
  const cache = await temporaryDirectory()
  const directory = join(cache, 'kafka-1')
  const bothStarted = Promise.withResolvers<void>()
  let started = 0
  const fill = async (into: string): Promise<void> => {
    if (++started === 2) bothStarted.resolve()
    await bothStarted.promise
    await writeFile(join(into, 'jar'), 'whole')
  }
  expect(await Promise.all([installOnce(directory, fill), installOnce(directory, fill)])).toEqual([
    directory,
    directory,
  ])
  expect(await readdir(cache)).toEqual(['kafka-1'])
  expect(existsSync(join(directory, 'jar'))).toBe(true)
})

test.each([
  [{ RAISON_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/c'],
  [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/raison'],
  [{ HOME: '/h' }, '/h/.cache/raison'],
])('%o caches in %s', (env, directory) => {
  expect(cacheDirectory(env)).toBe(directory)
})

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
