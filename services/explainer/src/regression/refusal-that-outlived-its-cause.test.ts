import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { BundleShelf } from '../bundle-shelf.ts'
import { copyBundles, openTestShelf } from '../bundle-shelf.test-data.ts'
import type { BundleNews } from '../problems.ts'

const noFit = async (): Promise<void> => undefined
const code = 'BUNDLE_REFUSED'

test('a refused bundle whose files got other rights is opened again', async () => {
  const bundles = await copyBundles('loan-logistic')
  const yaml = join(bundles, 'loan-logistic', 'bundle.yaml')
  await writeFile(yaml, 'model: {}\n')
  const news: BundleNews[] = []
  const shelf = await openTestShelf(bundles, noFit, news)
  await chmod(yaml, 0o600)
  await lookLater(shelf)
  expect(news).toHaveLength(2)
  await lookLater(shelf)
  expect(news).toHaveLength(2)
})

test('a bundle that the system could not read is opened when it can, though nothing in its directory has changed', async () => {
  const bundles = await copyBundles('loan-logistic')
  const directory = join(bundles, 'loan-logistic')
  const [below, yaml] = [join(directory, 'below'), join(directory, 'bundle.yaml')]
  await mkdir(join(below, 'two'), { recursive: true })
  await rename(join(directory, 'model.onnx'), join(bundles, 'model.onnx'))
  await symlink('model.onnx', join(below, 'two', 'model.onnx')) // to itself: ELOOP, whoever the user is
  await writeFile(yaml, (await readFile(yaml, 'utf8')).replace('model.onnx', 'below/two/model.onnx'))
  const news: BundleNews[] = []
  const shelf = await openTestShelf(bundles, noFit, news)
  expect(news).toEqual([{ directory, code, message: expect.stringMatching(/^BUNDLE_FILE_UNREADABLE/) }])
  await rename(join(bundles, 'model.onnx'), join(below, 'two', 'model.onnx'))
  await lookLater(shelf)
  expect(news.at(-1)).toEqual({ directory, code, message: undefined })
})

test('the problem of a bundle that is taken away is over, and comes back with it', async () => {
  const bundles = await copyBundles('loan-logistic')
  const directory = join(bundles, 'loan-logistic')
  await writeFile(join(directory, 'bundle.yaml'), 'model: {}\n')
  const news: BundleNews[] = []
  const shelf = await openTestShelf(bundles, noFit, news)
  await rename(directory, join(bundles, '.away'))
  await lookLater(shelf)
  expect(news.at(-1)).toEqual({ directory, code, message: undefined })
  await rename(join(bundles, '.away'), directory)
  await lookLater(shelf)
  expect(news.at(-1)?.message).toMatch(/^BUNDLE_INVALID/)
})

test('the problem of a version used twice is over when its directory is, however the bundles were named', async () => {
  const bundles = await copyBundles('loan-logistic')
  const news: BundleNews[] = []
  const shelf = await openTestShelf(relative(process.cwd(), bundles), noFit, news)
  const second = join(bundles, 'second')
  await cp(join(bundles, 'loan-logistic'), second, { recursive: true })
  await writeFile(join(second, 'reasons.yaml'), `${await readFile(join(second, 'reasons.yaml'), 'utf8')}# another\n`)
  await lookLater(shelf)
  const refusal = news.at(-1)!
  expect(refusal.message).toMatch(/^BUNDLE_VERSION_REUSED/)
  await rm(second, { recursive: true })
  await lookLater(shelf)
  expect(news.at(-1)).toEqual({ ...refusal, message: undefined })
})

/** When every change has rested, and what the system refused is tried again. */
async function lookLater(shelf: BundleShelf): Promise<void> {
  onTestFinished(() => void vi.useRealTimers())
  vi.setSystemTime(Date.now() + 60_000)
  await shelf.refresh()
}
