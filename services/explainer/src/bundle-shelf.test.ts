import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fitBundle, type OpenedBundle } from '@raison/explaining'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openShelf, type BundleShelf } from './bundle-shelf.ts'
import type { FitDirectory } from './fit-bundles.ts'

const neuralNet = fileURLToPath(new URL('../../../examples/loan-demo/bundles/loan-neural-net', import.meta.url))
const model = { name: 'loan-neural-net', version: '1.0.0' }

test('a fitted bundle takes the place of the degraded one, which closes when nothing works with it any more', async () => {
  const { bundles } = await netDirectory()
  const shelf = await openNet(bundles, async (directory) => void (await fitBundle(directory, { maxMinutes: 0.02 })))
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

test('a fit that fails leaves the bundle in service, and is not tried again', async () => {
  const { bundles } = await netDirectory()
  let fits = 0
  const shelf = await openNet(bundles, async () => void fits++)
  const degraded = shelf.find(model)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await shelf.refresh()
  expect(shelf.find(model)).toBe(degraded)
  expect(fits).toBe(1)
})

test('nothing is fitted for a bundle with an exact route', async () => {
  const { bundles } = await netDirectory('loan-logistic')
  const shelf = await openNet(bundles, () => Promise.reject(new Error('fitted')))
  expect(shelf.find({ name: 'loan-logistic', version: '1.0.0' })?.exact).toBeDefined()
})

async function netDirectory(name = 'loan-neural-net'): Promise<{ bundles: string }> {
  const bundles = await mkdtemp(join(tmpdir(), 'raison-shelf-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  await cp(join(neuralNet, '..', name), join(bundles, 'one'), { recursive: true })
  return { bundles }
}

async function openNet(bundles: string, fit: FitDirectory): Promise<BundleShelf> {
  const shelf = await openShelf(bundles, pino({ level: 'silent' }), fit)
  onTestFinished(() => shelf.close())
  return shelf
}

async function whenOther(shelf: BundleShelf, present: OpenedBundle): Promise<OpenedBundle> {
  while (shelf.find(model) === present) await new Promise((resolve) => setTimeout(resolve, 50))
  return shelf.find(model)!
}
