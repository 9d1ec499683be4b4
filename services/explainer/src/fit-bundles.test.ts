import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { copyBundles } from './bundle-shelf.test-data.ts'
import type { ExplainedNews } from './explained-news.ts'
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

test.each([
  ['told to end, as at a stop of the whole service, is neither done nor a problem', 'SIGTERM', [], []],
  ['ended by force has failed', 'SIGKILL', ['failed'], ['FIT_FAILED']],
] as const)('a fit that is %s', async (_, kill, fitted, problems) => {
  const wanted = new AbortController()
  onTestFinished(() => wanted.abort())
  const directory = join(await copyBundles('loan-neural-net'), 'loan-neural-net')
  const news: BundleNews[] = []
  const results: ExplainedNews[] = []
  const fit = fitBundles(
    { fit: { maxMinutes: 10, maxMilliseconds: 10 }, logLevel: 'error' },
    log,
    (each) => news.push(each),
    (each) => results.push(each),
  )
  const ended = fit(directory, wanted.signal)
  process.kill(await processOf(directory), kill)
  await ended
  expect(results.map((each) => each.fitted)).toEqual(fitted)
  expect(news.map(({ code }) => code)).toEqual(problems)
})

/** The process that fits this bundle, once it has begun: it holds the lock. */
async function processOf(directory: string): Promise<number> {
  const artefacts = join(directory, 'artefacts')
  const hasBegun = async (): Promise<boolean> => (await readdir(artefacts)).some((name) => name.endsWith('.fitting'))
  while (!(await hasBegun().catch(() => false))) await pause(50)
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `fit-process.*${directory}`])
  return Number(stdout)
}

async function noBundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-no-bundle-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}
