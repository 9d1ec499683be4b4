import { join } from 'node:path'
import type { Bundle } from '@raison/bundle'
import {
  assertWritable,
  findArtefact,
  openCheckpoint,
  openFitThreads,
  withFitLock,
  writeArtefact,
  type Checkpoint,
  type FitThreads,
} from '@raison/artefact-store'
import { createRandom } from '@raison/numerics'
import { compareSurrogates, type Candidate } from './compare-surrogates.ts'
import { ExplainError } from './explain-error.ts'
import type { FitStep } from './fit-context.ts'
import { splitSource } from './fit-source.ts'
import { fitSurrogates, planNetwork, type CosineCheckpoint } from './fit-surrogates.ts'
import { startTime } from './fit-time.ts'
import { fidelityOf } from './held-out.ts'
import { drawHybrids } from './hybrids.ts'
import { openBundle, type OpenedBundle } from './open-bundle.ts'
import { keyOf, type SampledRouteReady } from './sampling.ts'

export interface FitSettings {
  /** For everything, on two cores; 6 unless said. */
  readonly maxMinutes?: number
  /** What a decision may cost on one core; 10 unless said. */
  readonly milliseconds?: number
  readonly say?: (progress: FitStep) => void
  /** Milliseconds from anywhere; this process's clock unless said. */
  readonly now?: () => number
}

export interface FitReport {
  readonly file: string
  readonly sha256: string
  /** Network, network with trees on what it leaves, and trees alone, as measured; the chosen one first. */
  readonly candidates: readonly Candidate[]
  readonly fidelity: number
  readonly hybrids: number
  /** An earlier fit, cut short, had begun the network. */
  readonly resumed: boolean
  readonly seconds: number
}

const seed = 20_261_122

/**
 * Fits a surrogate for a bundle's model and reference, and writes the artefact beside the bundle: boosted trees, and a cosine
 * network with trees on what it leaves, of which the one with the smaller error within the milliseconds is kept. A fit that
 * was cut short goes on from the network's last epoch. Clocks act here and nowhere else. Throws ExplainError FIT_NOT_NEEDED
 * for a model that is explained exactly, a constant one, and one that has its artefact: that is never fitted again.
 */
export async function fitBundle(directory: string, settings: FitSettings = {}): Promise<FitReport> {
  const { say = () => undefined, now = () => performance.now() } = settings
  const began = now()
  const opened = await openBundle(directory)
  try {
    const sampled = samplingOf(opened)
    await assertWritable(directory)
    const key = keyOf(opened.bundle, opened.reference)
    const waiting = (): void => say({ step: 'waiting for another fit of this bundle', share: 0 })
    const opening = now() - began
    return await withFitLock(directory, key, waiting, () => fitAlone(opened, sampled, key, settings, now() - opening))
  } finally {
    await opened.close()
  }
}

async function fitAlone(
  { bundle, model }: OpenedBundle,
  sampled: SampledRouteReady,
  key: string,
  { maxMinutes = 6, milliseconds = 10, say = () => undefined, now = () => performance.now() }: FitSettings,
  began: number,
): Promise<FitReport> {
  await assertNotFitted(bundle, key)
  const { fitRows, heldOut } = await splitSource(bundle, model.acceptsMissing, createRandom(seed))
  const time = startTime(60 * maxMinutes, began, now)
  const context = { sampled, time, milliseconds, say }
  const checkpoint = openCheckpoint<CosineCheckpoint>(join(bundle.directory, `.fit-${key}`))
  const origin = `${bundle.sha256} without ${heldOut.rowCount}`
  const begun = await findBegun(checkpoint, origin)

  const hybrids = await drawHybrids(context, fitRows, begun?.rows ?? 0, seed + 1)
  const surrogates = await withThreads(async (threads) => {
    const network = begun ?? (await planNetwork(context, threads, hybrids, origin, seed))
    return fitSurrogates(context, threads, hybrids, network, checkpoint, seed)
  })
  const candidates = await compareSurrogates(context, surrogates, heldOut, createRandom(seed + 2))
  const { surrogate, calibration, budgetRows } = candidates[0]!
  const fidelity = await fidelityOf(sampled, surrogate, heldOut, createRandom(seed + 3))

  await assertNotFitted(bundle, key)
  const artefact = { surrogate, fidelity, calibration, budgetRows }
  const { file, sha256 } = await writeArtefact(bundle.directory, key, artefact)
  await checkpoint.remove()
  say({ step: 'measuring error against time', share: 1 })
  const resumed = begun !== undefined
  return { file, sha256, candidates, fidelity, hybrids: hybrids.rowCount, resumed, seconds: time.spent() }
}

function samplingOf({ bundle, exact, sampled, model }: OpenedBundle): SampledRouteReady {
  const { name, version } = bundle.model
  if (exact !== undefined || sampled?.enumerated === true)
    throw new ExplainError(
      'FIT_NOT_NEEDED',
      `${name} ${version} is explained exactly (${(exact ?? sampled!).method}): there is nothing to fit`,
    )
  if (sampled === undefined)
    throw new ExplainError('MODEL_NOT_EXPLAINABLE', `${bundle.model.file}: ${model.whyNotSampled ?? model.whyNotExact}`)
  if (sampled.artefactFile !== undefined) throw alreadyFitted(name, version, sampled.artefactFile)
  return sampled
}

/** Another may have fitted it since it was opened, or brought it from elsewhere. */
async function assertNotFitted({ directory, model: { name, version } }: Bundle, key: string): Promise<void> {
  const stored = await findArtefact(directory, key)
  if (stored !== undefined) throw alreadyFitted(name, version, stored.file)
}

function alreadyFitted(name: string, version: string, file: string): ExplainError {
  return new ExplainError(
    'FIT_NOT_NEEDED',
    `${name} ${version} has its artefact, ${file}; it is fitted once, and explanations name it: remove the file to fit anew`,
  )
}

/**
 * A checkpoint of these very files that has seen none of the rows held out: hybrids are drawn by a fixed seed, so its first
 * rows are the same again.
 */
async function findBegun(
  checkpoint: Checkpoint<CosineCheckpoint>,
  origin: string,
): Promise<CosineCheckpoint | undefined> {
  const begun = await checkpoint.load()
  return begun?.origin === origin ? begun : undefined
}

async function withThreads<T>(work: (threads: FitThreads) => Promise<T>): Promise<T> {
  const threads = openFitThreads(2)
  try {
    return await work(threads)
  } finally {
    await threads.close()
  }
}
