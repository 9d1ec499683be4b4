import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { checkBundles } from './check-bundles.ts'

const log = pino({ level: 'silent' })

test('a directory of bundles may be empty, and must be one of bundles', async () => {
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  expect(() => checkBundles(bundles, log)).not.toThrow()

  const bundle = join(bundles, 'loans')
  await mkdir(bundle)
  await writeFile(join(bundle, 'bundle.yaml'), '')
  expect(() => checkBundles(bundles, log)).not.toThrow()
  expect(() => checkBundles(bundle, log)).toThrow(`${bundle} is a bundle itself`)
  expect(() => checkBundles(join(bundles, 'missing'), log)).toThrow('cannot be read')
})
