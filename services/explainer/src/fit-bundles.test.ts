import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { fitBundles } from './fit-bundles.ts'
import type { BundleNews } from './problems.ts'

const log = pino({ level: 'silent' })
const settings = { fit: { maxMinutes: 0.1, maxMilliseconds: 10 }, logLevel: 'error' } as const

test('of several threads one fits a bundle, and a fit that fails is no other thread’s turn', async () => {
  const directory = await noBundle()
  const wanted = new AbortController()
  onTestFinished(() => wanted.abort())
  const news: BundleNews[] = []
  const results: (string | undefined)[] = []
  const fit = fitBundles(
    settings,
    log,
    (each) => news.push(each),
    ({ fitted }) => results.push(fitted),
  )
  const ended: string[] = []
  const first = fit(directory, wanted.signal).then(() => ended.push('first'))
  await fit(directory, wanted.signal)
  expect(ended).toEqual([])
  await first
  // Its process has said what is wrong and is gone; the bundle is still the first one's to see to.
  const other = fit(await noBundle(), wanted.signal).then(() => ended.push('other'))
  await fit(directory, wanted.signal)
  expect(ended).toEqual(['first'])
  await other
  expect(news.filter(({ code }) => code === 'FIT_FAILED').map((each) => each.directory)).toContain(directory)
  expect(new Set(results)).toEqual(new Set(['failed']))
})

test('a fit that is no longer needed is ended', async () => {
  const wanted = new AbortController()
  const fitting = fitBundles(
    settings,
    log,
    () => undefined,
    () => undefined,
  )(await noBundle(), wanted.signal)
  wanted.abort()
  await fitting
})

async function noBundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-no-bundle-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}
