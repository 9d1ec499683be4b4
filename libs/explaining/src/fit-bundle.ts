import { join } from 'node:path'
import { readTraining, type Bundle } from '@raison/bundle'
import {
  assertWritable,
  findArtefact,
  openCheckpoint,
  openFitThreads,
  withFitLock,
  writeArtefact,
  type Checkpoint,
  type FitProgress,
  type FitThreads,
} from '@raison/artefact-store'
import { createRandom } from '@raison/numerics'
import {
  chooseNodes,
  planHybrids,
  prepareSurrogate,
  type CosineTraining,
  type FittedSurrogate,
  type Source,
  type Surrogate,
} from '@raison/surrogate'
import { ExplainError } from './explain-error.ts'
import { compareSurrogates, type Candidate } from './compare-surrogates.ts'
import { assertFinite, drawHeldOut, fidelityOf } from './held-out.ts'
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
  /** Both kinds and their sum as measured, the chosen one first. */
  readonly candidates: readonly Candidate[]
  readonly fidelity: number
  readonly hybrids: number
  /** An earlier fit, cut short, had begun the network. */
  readonly resumed: boolean
  readonly seconds: number
}

const seed = 20_261_122
const mostHybrids = 400_000
/** Scored in one go, and the fewest that a fit is made of. */
const pieceRows = 2_000
const epochs = 16
const [fewestMeasured, mostMeasured] = [8, 64]

/**
 * Fits a surrogate for a bundle's model and reference, and writes the artefact beside the bundle: boosted trees, and a cosine
 * network with trees on what it leaves, of which the one with the smaller error within the milliseconds is kept. A fit that
 * was cut short goes on from the network's last epoch. Clocks act here and nowhere else. Throws ExplainError FIT_NOT_NEEDED
 * for a model that is explained exactly, a constant one, and one that has its artefact: that is never fitted again.
 */
export async function fitBundle(directory: string, settings: FitSettings = {}): Promise<FitReport> {
  const { say = () => undefined } = settings
  const opened = await openBundle(directory)
  try {
    const sampled = samplingOf(opened)
    await assertWritable(directory)
    const key = keyOf(opened.bundle, opened.reference)
    const waiting = (): void => say({ step: 'waiting for another fit of this bundle', share: 0 })
    return await withFitLock(directory, key, waiting, () => fitAlone(opened, sampled, key, settings))
  } finally {
    await opened.close()
  }
}

async function fitAlone(
  { bundle, model }: OpenedBundle,
  sampled: SampledRouteReady,
  key: string,
  { maxMinutes = 6, milliseconds = 10, say = () => undefined }: FitSettings,
): Promise<FitReport> {
  await assertNotFitted(bundle, key)
  const began = performance.now()
  const threads = openFitThreads(2)
  try {
    const checkpoint = openCheckpoint<CosineCheckpoint>(join(bundle.directory, `.fit-${key}`))
    const begun = await findBegun(checkpoint, bundle)
    // Measuring takes about an eighth of the time: it grows with the rows.
    const measured = Math.min(mostMeasured, Math.max(fewestMeasured, Math.round(16 * maxMinutes)))
    const { fitRows, heldOut } = drawHeldOut(await sourceOf(bundle, model.acceptsMissing), measured, createRandom(seed))
    const hybrids = await drawHybrids(sampled, fitRows, maxMinutes * 60, begun?.rows ?? pieceRows, say)
    const network = begun ?? (await planNetwork(threads, hybrids, maxMinutes * 60, bundle))
    const surrogates = await fitBoth(sampled, threads, hybrids, network, maxMinutes * 60, checkpoint, say)

    const measuring = (share: number): void => say({ step: 'measuring error against time', share })
    const random = createRandom(seed + 2)
    const candidates = await compareSurrogates(sampled, surrogates, heldOut, milliseconds, random, measuring)
    const { surrogate, calibration, budgetRows } = candidates[0]!
    const fidelity = await fidelityOf(sampled, surrogate, heldOut, createRandom(seed + 3))
    await assertNotFitted(bundle, key)
    const artefact = { surrogate, fidelity, calibration, budgetRows }
    const { file, sha256 } = await writeArtefact(bundle.directory, key, artefact)
    await checkpoint.remove()
    measuring(1)
    return {
      file,
      sha256,
      candidates,
      fidelity,
      hybrids: hybrids.rowCount,
      resumed: begun !== undefined,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await threads.close()
  }
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

/** The training rows when the bundle has some that the model takes, else the reference file. */
async function sourceOf(bundle: Bundle, acceptsMissing: boolean): Promise<Source> {
  const training = await readTraining(bundle)
  const taken = training && (acceptsMissing ? training : withoutMissing(training))
  const { values, rowCount } = taken?.rowCount ? taken : bundle.reference.rows
  return { rows: Float32Array.from(values), rowCount }
}

function withoutMissing({ values, rowCount }: Rows): Rows {
  const width = values.length / rowCount
  const whole = Array.from({ length: rowCount }, (_, k) => values.subarray(k * width, (k + 1) * width)).filter(
    (row) => !row.some(Number.isNaN),
  )
  const kept = new Float64Array(whole.length * width)
  whole.forEach((row, k) => kept.set(row, k * width))
  return { values: kept, rowCount: whole.length }
}

interface Rows {
  readonly values: Float64Array
  readonly rowCount: number
}

interface Hybrids {
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
  readonly targets: Float64Array
}

/** As many scored hybrids as a quarter of the time gives: at least `fewest`, but no more than help. */
async function drawHybrids(
  { route, background, players }: SampledRouteReady,
  source: Source,
  seconds: number,
  fewest: number,
  say: (progress: FitStep) => void,
): Promise<Hybrids> {
  const random = createRandom(seed + 1)
  const pieces: { rows: Float32Array; targets: Float64Array }[] = []
  const began = performance.now()
  let share = 0
  while (share < 1) {
    const rows = planHybrids(source, background, players, pieceRows, random)
    pieces.push({ rows, targets: await route.outputs(rows.slice(), pieceRows) })
    const count = pieces.length * pieceRows
    const spent = (performance.now() - began) / (seconds * 250)
    share = count < fewest ? Math.min(spent, 0.99) : Math.min(1, Math.max(count / mostHybrids, spent))
    say({ step: 'scoring hybrids', share })
  }
  return checkTargets(joinPieces(pieces, players.ofFeature.length))
}

function joinPieces(
  pieces: readonly { readonly rows: Float32Array; readonly targets: Float64Array }[],
  featureCount: number,
): Hybrids {
  const rowCount = pieces.length * pieceRows
  const rows = new Float32Array(rowCount * featureCount)
  const targets = new Float64Array(rowCount)
  pieces.forEach((piece, k) => {
    rows.set(piece.rows, k * pieceRows * featureCount)
    targets.set(piece.targets, k * pieceRows)
  })
  return { rows, rowCount, featureCount, targets }
}

function checkTargets(hybrids: Hybrids): Hybrids {
  const targets = assertFinite(hybrids.targets)
  if (targets.every((target) => target === targets[0]))
    throw new ExplainError(
      'FIT_NOT_NEEDED',
      `the model answers ${targets[0]} for every row between the applicants and the reference: there is nothing to fit`,
    )
  return hybrids
}

/** The network of a fit: how large, on how many hybrids, for which bundle. */
interface NetworkPlan {
  readonly bundleSha256: string
  readonly units: number
  readonly rows: number
}

interface CosineCheckpoint extends NetworkPlan {
  readonly training: CosineTraining
}

/** A checkpoint of these very files: the hybrids are drawn by a fixed seed, so its first rows are the same again. */
async function findBegun(
  checkpoint: Checkpoint<CosineCheckpoint>,
  { sha256 }: Bundle,
): Promise<CosineCheckpoint | undefined> {
  const begun = await checkpoint.load()
  return begun?.bundleSha256 === sha256 ? begun : undefined
}

/** Both kinds side by side, each on a thread of its own; then trees on what the network leaves. */
async function fitBoth(
  { background, players }: SampledRouteReady,
  threads: FitThreads,
  hybrids: Hybrids,
  { bundleSha256, units, rows, ...begun }: NetworkPlan | CosineCheckpoint,
  seconds: number,
  checkpoint: Checkpoint<CosineCheckpoint>,
  say: (progress: FitStep) => void,
): Promise<FittedSurrogate[]> {
  // In seconds as many trees as can also be measured in them.
  const treeOptions = { rounds: Math.min(300, Math.max(60, Math.round(5 * seconds))), leaves: 31, seed }
  const treeRows = Math.floor((0.2 * seconds * 1e6) / (treeOptions.rounds * treeMicroseconds))
  const forTrees = firstRows(hybrids, Math.max(trialRows, treeRows))
  const fitTrees = (step: string, data: Hybrids) =>
    telling(step, say, (onProgress) => threads.fitTrees(data, treeOptions, onProgress))
  const fitNetwork = () =>
    telling('fitting the cosine network', say, (onProgress) =>
      threads.fitCosine(
        firstRows(hybrids, rows),
        { seed, units, epochs },
        (progress) => {
          onProgress(progress)
          const { training } = progress
          if (training !== undefined) void checkpoint.save({ bundleSha256, units, rows, training })
        },
        'training' in begun ? begun.training : undefined,
      ),
    )
  const [network, trees] = await Promise.all([fitNetwork(), fitTrees('fitting trees', forTrees)])

  const nodeCount = chooseNodes(network, background, players, hybrids.rows, Math.min(20, hybrids.rowCount), 1e-6)
  const cosine = { network, nodeCount }
  const left = residualsOf(prepareSurrogate({ cosine, trees: undefined }, background, players), forTrees)
  const treesOnTop = await fitTrees('fitting trees on what the network leaves', { ...forTrees, targets: left })
  return [
    { cosine, trees: undefined },
    { cosine, trees: treesOnTop },
    { cosine: undefined, trees },
  ]
}

/** A step that tells from the beginning how far it is. */
function telling<T>(
  step: string,
  say: (progress: FitStep) => void,
  work: (onProgress: (progress: FitProgress) => void) => Promise<T>,
): Promise<T> {
  say({ step, share: 0 })
  return work(({ done, of }) => say({ step, share: done / of }))
}

/** Microseconds a row and tree, of a slow machine. */
const treeMicroseconds = 0.8
/** Fewer hybrids than this are better served by a smaller network. */
const rowsPerUnit = 120
const trialRows = 4096
const unitCounts = [512, 256, 128]

/** The largest network that has hybrids enough in the time, from how fast one of that size is fitted here. */
async function planNetwork(
  threads: FitThreads,
  hybrids: Hybrids,
  seconds: number,
  { sha256 }: Bundle,
): Promise<NetworkPlan> {
  const trial = firstRows(hybrids, trialRows)
  const fitTrial = (units: number): Promise<unknown> =>
    threads.fitCosine(trial, { seed, units, epochs: 2 }, () => undefined)
  await fitTrial(unitCounts[0]!) // opens the thread
  let plan = { bundleSha256: sha256, units: 0, rows: 0 }
  for (const units of unitCounts) {
    const began = performance.now()
    await fitTrial(units)
    const secondsPerRow = (performance.now() - began) / 1000 / (2 * trial.rowCount)
    const rows = Math.floor(Math.min(hybrids.rowCount, (0.45 * seconds) / (secondsPerRow * epochs)))
    plan = { bundleSha256: sha256, units, rows: Math.max(trial.rowCount, rows) }
    if (rows >= units * rowsPerUnit) break
  }
  return plan
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
