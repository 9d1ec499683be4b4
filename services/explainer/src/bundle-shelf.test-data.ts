import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FoundIn } from '@raison/artefact-store'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { openShelf, type BundleShelf } from './bundle-shelf.ts'
import type { FitDirectory } from './fit-bundles.ts'
import type { BundleNews } from './problems.ts'

const demo = fileURLToPath(new URL('../../../examples/loan-demo/bundles', import.meta.url))

/** A directory with these bundles of the demo, for one test. */
export async function copyBundles(...names: string[]): Promise<string> {
  const bundles = await mkdtemp(join(tmpdir(), 'raison-shelf-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  for (const name of names) await cp(join(demo, name), join(bundles, name), { recursive: true })
  return bundles
}

export async function openTestShelf(
  bundles: string,
  fit: FitDirectory,
  news: BundleNews[] = [],
  onArtefact?: (where: FoundIn) => void,
): Promise<BundleShelf> {
  const tell = (each: BundleNews): void => void news.push(each)
  const shelf = await openShelf(bundles, pino({ level: 'silent' }), fit, tell, onArtefact)
  onTestFinished(() => shelf.close())
  return shelf
}
