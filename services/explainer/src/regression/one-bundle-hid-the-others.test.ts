import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { copyBundles, openTestShelf } from '../bundle-shelf.test-data.ts'
import type { BundleNews } from '../problems.ts'

test('a bundle that fails to open in a way nobody foresaw is refused, and the one that came with it is in service', async () => {
  const bundles = await copyBundles()
  const news: BundleNews[] = []
  const shelf = await openTestShelf(bundles, async () => undefined, news, failUnforeseen)
  const [broken, whole] = [join(bundles, 'a-neural-net'), join(bundles, 'b-logistic')]
  const source = await copyBundles('loan-neural-net', 'loan-logistic')
  await cp(join(source, 'loan-neural-net'), broken, { recursive: true })
  await cp(join(source, 'loan-logistic'), whole, { recursive: true })
  vi.setSystemTime(Date.now() + 60_000) // a change is looked at when it has rested
  onTestFinished(() => void vi.useRealTimers())
  await shelf.refresh()
  expect(news).toEqual([
    { directory: broken, code: 'BUNDLE_REFUSED', message: 'RangeError: the log has the reason' },
    { directory: whole, code: 'BUNDLE_REFUSED', message: undefined },
  ])
  expect(shelf.find({ name: 'loan-logistic', version: '1.0.0' })).toBeDefined()
})

/** Only a bundle without exact route is looked for its artefact. */
function failUnforeseen(): never {
  throw new RangeError('Maximum call stack size exceeded')
}
