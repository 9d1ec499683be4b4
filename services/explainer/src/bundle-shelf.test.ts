import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fitBundle, type OpenedBundle } from '@raison/explaining'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { BundleShelf } from './bundle-shelf.ts'
import { copyBundles, openTestShelf } from './bundle-shelf.test-data.ts'
import { fitBundles } from './fit-bundles.ts'
import type { BundleNews } from './problems.ts'

const model = { name: 'loan-neural-net', version: '1.0.0' }

test('a fitted bundle takes the place of the degraded one, which closes when nothing works with it any more', async () => {
  const bundles = await copyBundles('loan-neural-net')
  const shelf = await openTestShelf(
    bundles,
    async (directory) => void (await fitBundle(directory, { maxMinutes: 0.02 })),
  )
  const degraded = shelf.find(model)!
  expect(degraded.missingArtefact).toBeDefined()

  const batch = Promise.withResolvers<void>()
  const scores = shelf.during(async () => {
    await batch.promise
    return degraded.model.score(Float32Array.from(degraded.reference.rows), degraded.reference.rowCount)
  })
  const fitted = await whenOther(shelf, degraded)
  expect(fitted.sampled?.artefactSha256).toMatch(/^\w{64}$/)
  expect(fitted.missingArtefact).toBeUndefined()
  batch.resolve()
  expect(await scores).toHaveLength(degraded.reference.rowCount)

  // What a fit leaves beside the bundle does not make it another one.
  await shelf.refresh()
  expect(shelf.find(model)).toBe(fitted)
})

test('a fit that fails leaves the bundle in service and is not tried again; an artefact that comes otherwise is taken', async () => {
  const bundles = await copyBundles('loan-neural-net')
  const directory = join(bundles, 'loan-neural-net')
  await rm(join(directory, 'artefacts'), { recursive: true, force: true }) // the demo may have been fitted
  await writeFile(join(directory, 'artefacts'), 'a file in the way of the directory')
  const news: BundleNews[] = []
  let fits = 0
  const fit = fitBundles(
    { fit: { maxMinutes: 0.1, maxMilliseconds: 10 }, logLevel: 'error' },
    pino({ level: 'silent' }),
    (each) => news.push(each),
    () => undefined,
  )
  const shelf = await openTestShelf(bundles, (...wanted) => (fits++, fit(...wanted)), news)
  const degraded = shelf.find(model)!
  while (!news.some(({ code }) => code === 'FIT_FAILED')) await pause(50)
  expect(shelf.find(model)).toBe(degraded)

  await rm(join(directory, 'artefacts'))
  await fitBundle(directory, { maxMinutes: 0.02 })
  await whenOther(shelf, degraded)
  expect(news.at(-1)).toEqual({ directory, code: 'FIT_FAILED', message: undefined })
  expect(fits).toBe(1)
})

test('nothing is fitted for a bundle with an exact route', async () => {
  const bundles = await copyBundles('loan-logistic')
  const shelf = await openTestShelf(bundles, () => Promise.reject(new Error('fitted')))
  expect(shelf.find({ name: 'loan-logistic', version: '1.0.0' })?.exact).toBeDefined()
})

test('a bundle that cannot be opened is told of, until the directory holds one that can', async () => {
  const bundles = await copyBundles('loan-logistic')
  const yaml = join(bundles, 'loan-logistic', 'bundle.yaml')
  const whole = await readFile(yaml)
  await writeFile(yaml, 'model: {}\n')
  const news: BundleNews[] = []
  const shelf = await openTestShelf(bundles, async () => undefined, news)
  expect(news).toMatchObject([{ code: 'BUNDLE_REFUSED', message: expect.stringMatching(/^BUNDLE_INVALID: /) }])
  await writeFile(yaml, whole)
  vi.setSystemTime(Date.now() + 60_000) // a change is looked at when it has rested
  onTestFinished(() => void vi.useRealTimers())
  await shelf.refresh()
  expect(news.at(-1)).toMatchObject({ code: 'BUNDLE_REFUSED', message: undefined })
})

async function whenOther(shelf: BundleShelf, present: OpenedBundle): Promise<OpenedBundle> {
  while (shelf.find(model) === present) await pause(50)
  return shelf.find(model)!
}
