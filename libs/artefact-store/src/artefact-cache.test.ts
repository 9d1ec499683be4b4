import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SurrogateArtefact } from '@raison/surrogate'
import { expect, onTestFinished, test } from 'vitest'
import { openArtefactCache, type ArtefactCache, type FoundIn } from './artefact-cache.ts'
import { writeArtefact } from './artefact-files.ts'

const artefact = {
  surrogate: { cosine: undefined, trees: undefined },
  fidelity: 0.9,
  calibration: { noise: 1, budgets: [] },
  budgetRows: 256,
} as unknown as SurrogateArtefact

test('what is missing is fitted once for many waiters, and is in memory afterwards', async () => {
  const { directory, cache, foundIn } = await open()
  let fits = 0
  const fit = async (): Promise<void> => {
    fits++
    await writeArtefact(directory, 'key', artefact)
  }
  const found = await Promise.all(Array.from({ length: 5 }, () => cache.whenThere(directory, 'key', fit)))
  expect(fits).toBe(1)
  expect(new Set(found).size).toBe(1)
  expect(await cache.find(directory, 'key')).toBe(found[0])
  expect(foundIn).toEqual(['memory'])
  expect(await cache.whenThere(directory, 'key', fit)).toBe(found[0])
})

test('a fit that fails is not begun again, and an artefact from elsewhere is taken', async () => {
  const { directory, cache } = await open()
  let fits = 0
  const found = cache.whenThere(directory, 'key', async () => void fits++)
  await new Promise((resolve) => setTimeout(resolve, 2200))
  const stored = await writeArtefact(directory, 'key', artefact)
  expect((await found).sha256).toBe(stored.sha256)
  expect(fits).toBe(1)
})

test('one that is there is never fitted, and a fit that another has overtaken is told to stop', async () => {
  const { directory, cache } = await open()
  let stopped = false
  const waiting = cache.whenThere(directory, 'key', (signal) => {
    const ended = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => (ended.resolve(), (stopped = true)))
    return ended.promise
  })
  await writeArtefact(directory, 'key', artefact)
  await waiting
  expect(stopped).toBe(true)
  await cache.whenThere(directory, 'key', () => Promise.reject(new Error('it is there')))
})

test('a file that is still being copied is waited for', async () => {
  const { directory, cache } = await open()
  const { file } = await writeArtefact(directory, 'key', artefact)
  await writeFile(file, 'half of it')
  const found = cache.whenThere(directory, 'key', async () => undefined)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await writeArtefact(directory, 'key', artefact)
  expect((await found).artefact.budgetRows).toBe(256)
})

test('a file that is still being copied is as good as missing, and it is told why', async () => {
  const told: Error[] = []
  const { directory, cache } = await open((error) => told.push(error))
  const { file } = await writeArtefact(directory, 'key', artefact)
  await writeFile(file, 'half of it')
  expect(await cache.find(directory, 'key')).toBeUndefined()
  expect(told).toMatchObject([{ code: 'ARTEFACT_UNREADABLE' }])
})

test('an artefact that was removed is not given from memory', async () => {
  const { directory, cache } = await open()
  const fit = async (): Promise<void> => void (await writeArtefact(directory, 'key', artefact))
  const { file } = await cache.whenThere(directory, 'key', fit)
  await rm(file)
  expect(await cache.find(directory, 'key')).toBeUndefined()
})

test('the end of everything ends the waiting', async () => {
  const { directory, cache, end } = await open()
  const waiting = expect(cache.whenThere(directory, 'key', async () => undefined)).rejects.toThrow('aborted')
  setTimeout(() => end.abort(), 50)
  await waiting
})

async function open(
  onUnreadable: (error: Error) => void = () => undefined,
): Promise<{ directory: string; cache: ArtefactCache; end: AbortController; foundIn: FoundIn[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-artefacts-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const end = new AbortController()
  onTestFinished(() => end.abort())
  const foundIn: FoundIn[] = []
  const cache = openArtefactCache(1_000_000, end.signal, onUnreadable, (where) => foundIn.push(where))
  return { directory, cache, end, foundIn }
}
