import { join } from 'node:path'
import { readTraining, type Bundle } from '@raison/bundle'
import { openFitThreads, openCheckpoint, writeArtefact, type FitThreads } from '@raison/artefact-store'
import { createRandom } from '@raison/numerics'
import {
  chooseNodes,
  planHybrids,
  prepareSurrogate,
  type FittedSurrogate,
  type Source,
  type Surrogate,
} from '@raison/surrogate'
import { ExplainError } from './explain-error.ts'
import { compareSurrogates, type Candidate } from './compare-surrogates.ts'
import { drawHeldOut, fidelityOf } from './held-out.ts'
import { openBundle, type OpenedBundle } from './open-bundle.ts'
import { keyOf, type SampledRouteReady } from './sampling.ts'

export interface FitSettings {
  /** For everything, on two cores; 6 unless said. */
  readonly maxMinutes?: number
  /** What a decision may cost on one core; 10 unless said. */
  readonly milliseconds?: number
  readonly say?: (progress: FitStep) => void
}

export interface FitStep {
  readonly step: string
  /** Of the step, 0 … 1. */
  readonly share: number
}

export interface FitReport {
  readonly file: string
  readonly sha256: string
  /** Both kinds as measured, the chosen one first. */
  readonly candidates: readonly Candidate[]
  readonly fidelity: number
  readonly hybrids: number
  readonly seconds: number
}

const seed = 20_261_122
const mostHybrids = 400_000
const fewestHybrids = 2_000
const epochs = 16

/**
 * Fits a surrogate for a bundle's model and reference, and writes the artefact beside the bundle: boosted trees, and a cosine
 * network with trees on what it leaves, of which the one with the smaller error within the milliseconds is kept. Clocks act
 * here and nowhere else. Throws ExplainError FIT_NOT_NEEDED for a model with an exact route.
 */
export async function fitBundle(directory: string, settings: FitSettings = {}): Promise<FitReport> {
  const { maxMinutes = 6, milliseconds = 10, say = () => undefined } = settings
  const began = performance.now()
  const opened = await openBundle(directory)
  const threads = openFitThreads(2)
  try {
    const sampled = samplingOf(opened)
    const { fitRows, heldOut } = drawHeldOut(await sourceOf(opened.bundle), createRandom(seed))
    const hybrids = await drawHybrids(sampled, fitRows, maxMinutes * 60, say)
    const surrogates = await fitBoth(opened, sampled, threads, hybrids, maxMinutes * 60, say)

    say({ step: 'measuring error against time', share: 0 })
    const candidates = await compareSurrogates(sampled, surrogates, heldOut, milliseconds, createRandom(seed + 2))
    const { surrogate, calibration, budgetRows } = candidates[0]!
    const fidelity = await fidelityOf(sampled, surrogate, heldOut, createRandom(seed + 3))
    const artefact = { surrogate, fidelity, calibration, budgetRows }
    const { file, sha256 } = await writeArtefact(directory, keyOf(opened.bundle, opened.reference), artefact)
    say({ step: 'measuring error against time', share: 1 })
    return {
      file,
      sha256,
      candidates,
      fidelity,
      hybrids: hybrids.rowCount,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await threads.close()
    await opened.close()
  }
}

function samplingOf({ bundle, exact, sampled, model }: OpenedBundle): SampledRouteReady {
  if (exact !== undefined)
    throw new ExplainError(
      'FIT_NOT_NEEDED',
      `${bundle.model.name} is explained exactly (${exact.method}): there is nothing to fit`,
    )
  if (sampled === undefined)
    throw new ExplainError('MODEL_NOT_EXPLAINABLE', `${bundle.model.file}: ${model.whyNotSampled ?? model.whyNotExact}`)
  return sampled
}

/** The training rows when the bundle has some, else the reference file. */
async function sourceOf(bundle: Bundle): Promise<Source> {
  const { values, rowCount } = (await readTraining(bundle)) ?? bundle.reference.rows
  return { rows: Float32Array.from(values), rowCount }
}

interface Hybrids {
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
  readonly targets: Float64Array
}

/** As many scored hybrids as a quarter of the time gives, but no more than help. */
async function drawHybrids(
  { route, background, players }: SampledRouteReady,
  source: Source,
  seconds: number,
  say: (progress: FitStep) => void,
): Promise<Hybrids> {
  const featureCount = players.ofFeature.length
  const random = createRandom(seed + 1)
  const pieces: { rows: Float32Array; targets: Float64Array }[] = []
  const pieceRows = fewestHybrids
  const began = performance.now()
  let [count, last] = [0, Infinity]
  while (count < Math.min(mostHybrids, last)) {
    const rows = planHybrids(source, background, players, pieceRows, random)
    pieces.push({ rows, targets: await route.outputs(rows.slice(), pieceRows) })
    count += pieceRows
    if (performance.now() - began > seconds * 250) last = count
    say({
      step: 'scoring hybrids',
      share: Math.min(1, Math.max(count / mostHybrids, (performance.now() - began) / (seconds * 250))),
    })
  }
  const rows = new Float32Array(count * featureCount)
  const targets = new Float64Array(count)
  pieces.forEach((piece, k) => {
    rows.set(piece.rows, k * pieceRows * featureCount)
    targets.set(piece.targets, k * pieceRows)
  })
  const bad = targets.findIndex((target) => !Number.isFinite(target))
  if (bad >= 0)
    throw new ExplainError(
      'MODEL_OUTPUT_NOT_FINITE',
      `the model answers ${targets[bad]} for a row between the applicants and the reference: correct the model`,
    )
  return { rows, rowCount: count, featureCount, targets }
}

/** Both kinds side by side, each on a thread of its own; the network's trees follow it. */
async function fitBoth(
  opened: OpenedBundle,
  { background, players }: SampledRouteReady,
  threads: FitThreads,
  hybrids: Hybrids,
  seconds: number,
  say: (progress: FitStep) => void,
): Promise<FittedSurrogate[]> {
  const { cosineRows, units, treeRows } = await planSizes(threads, hybrids, seconds)
  const treeOptions = { rounds: 300, leaves: 31, seed }
  const treesAlone = threads.fitTrees(firstRows(hybrids, treeRows), treeOptions, ({ done, of }) =>
    say({ step: 'fitting trees', share: done / of }),
  )
  const checkpoint = openCheckpoint(
    join(opened.bundle.directory, `.fit-${keyOf(opened.bundle, opened.reference)}-${units}-${cosineRows}`),
  )
  const network = await threads.fitCosine(
    firstRows(hybrids, cosineRows),
    { seed, units, epochs },
    ({ done, of, training }) => {
      say({ step: 'fitting the cosine network', share: done / of })
      if (training !== undefined) void checkpoint.save(training)
    },
    await checkpoint.load(),
  )
  const nodeCount = chooseNodes(network, background, players, hybrids.rows, Math.min(20, hybrids.rowCount), 1e-5)
  const cosine = { network, nodeCount }
  const g = prepareSurrogate({ cosine, trees: undefined }, background, players)
  const left = residualsOf(g, firstRows(hybrids, treeRows))
  const treesOnTop = await threads.fitTrees(
    { ...firstRows(hybrids, treeRows), targets: left },
    treeOptions,
    ({ done, of }) => say({ step: 'fitting trees on what the network leaves', share: done / of }),
  )
  const trees = await treesAlone
  await checkpoint.remove()
  return [
    { cosine, trees: undefined },
    { cosine, trees: treesOnTop },
    { cosine: undefined, trees },
  ]
}

interface Sizes {
  readonly cosineRows: number
  readonly units: number
  readonly treeRows: number
}

/** Microseconds a row and tree, of a slow machine. */
const treeMicroseconds = 0.8
/** Fewer hybrids than this are better served by a smaller network. */
const rowsPerUnit = 120
const trialRows = 4096
const trialUnits = 128

/** Network and hybrids as large as the time allows, from how fast a small network is fitted here. */
async function planSizes(threads: FitThreads, hybrids: Hybrids, seconds: number): Promise<Sizes> {
  const trial = firstRows(hybrids, trialRows)
  const fitTrial = (): Promise<unknown> =>
    threads.fitCosine(trial, { seed, units: trialUnits, epochs: 2 }, () => undefined)
  await fitTrial() // opens the thread
  const began = performance.now()
  await fitTrial()
  const secondsPerRowUnit = (performance.now() - began) / 1000 / (2 * trial.rowCount * trialUnits)
  const rowsFor = (units: number): number =>
    Math.floor(Math.min(hybrids.rowCount, (0.45 * seconds) / (secondsPerRowUnit * units * epochs)))
  const units = [512, 256].find((count) => rowsFor(count) >= count * rowsPerUnit) ?? 128
  const treeRows = Math.floor(Math.min(hybrids.rowCount, (0.2 * seconds * 1e6) / (300 * treeMicroseconds)))
  return { units, cosineRows: Math.max(trial.rowCount, rowsFor(units)), treeRows: Math.max(trial.rowCount, treeRows) }
}

function firstRows({ rows, rowCount, featureCount, targets }: Hybrids, count: number): Hybrids {
  const kept = Math.min(count, rowCount)
  return {
    rows: rows.slice(0, kept * featureCount),
    rowCount: kept,
    featureCount,
    targets: targets.slice(0, kept),
  }
}

function residualsOf(surrogate: Surrogate, { rows, rowCount, targets }: Hybrids): Float64Array {
  const outputs = new Float64Array(rowCount)
  surrogate.outputsInto(rows, rowCount, outputs)
  return outputs.map((output, k) => targets[k]! - output)
}
