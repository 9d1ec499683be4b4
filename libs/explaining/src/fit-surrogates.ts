import type { Checkpoint, FitProgress, FitThreads } from '@raison/artefact-store'
import {
  chooseNodes,
  exactNodeCount,
  prepareSurrogate,
  type CosineNetwork,
  type CosineTraining,
  type FittedSurrogate,
  type Surrogate,
} from '@raison/surrogate'
import type { FitContext } from './fit-context.ts'
import { stageEnds, timesIn } from './fit-time.ts'
import { firstRows, type Hybrids } from './hybrids.ts'

/** The network of a fit: how large, and on how many hybrids of which origin. */
export interface NetworkPlan {
  readonly origin: string
  readonly units: number
  readonly rows: number
}

export interface CosineCheckpoint extends NetworkPlan {
  readonly training: CosineTraining
}

const epochs = 16

/**
 * The network, the network with trees on what it leaves, and trees alone. Network and trees are fitted side by side, each on
 * a thread of its own; what its share of the time does not suffice for ends with what it has.
 */
export async function fitSurrogates(
  context: FitContext,
  threads: FitThreads,
  hybrids: Hybrids,
  begun: NetworkPlan | CosineCheckpoint,
  checkpoint: Checkpoint<CosineCheckpoint>,
  seed: number,
): Promise<FittedSurrogate[]> {
  const { background, players } = context.sampled
  const trees = planTrees(context, hybrids)
  const [network, treesAlone] = await Promise.all([
    fitNetwork(context, threads, hybrids, begun, checkpoint, seed),
    fitTrees(context, threads, trees, 'fitting trees', stageEnds.training, seed),
  ])
  const cosine = { network, nodeCount: fewestNodes(context, network, hybrids) }
  const left = residualsInTime(context, prepareSurrogate({ cosine, trees: undefined }, background, players), trees.data)
  const step = 'fitting trees on what the network leaves'
  const treesOnTop = await fitTrees(context, threads, { ...trees, data: left }, step, stageEnds.treesOnTop, seed)
  return [
    { cosine, trees: undefined },
    { cosine, trees: treesOnTop },
    { cosine: undefined, trees: treesAlone },
  ]
}

/** The largest network that has hybrids enough in the time and is explained fast enough, from how a small one does here. */
export async function planNetwork(
  context: FitContext,
  threads: FitThreads,
  hybrids: Hybrids,
  origin: string,
  seed: number,
): Promise<NetworkPlan> {
  const trial = firstRows(hybrids, trialRows)
  const { epochSeconds, explainMilliseconds } = await tryNetwork(context, threads, trial, seed)
  const most = (trialUnits * surrogateShare * context.milliseconds) / explainMilliseconds
  const plans = unitCounts
    .filter((units, k) => k === 0 || units <= most)
    .map((units) => {
      const trainingSeconds = (epochSeconds * epochs * units) / trialUnits
      const times = timesIn(plannedShare * context.time.until(stageEnds.training), trainingSeconds)
      return {
        origin,
        units,
        rows: Math.max(trial.rowCount, Math.min(hybrids.rowCount, Math.floor(trial.rowCount * times))),
      }
    })
  return plans.findLast(({ units, rows }) => rows >= units * rowsPerUnit) ?? plans[0]!
}

interface Trial {
  readonly epochSeconds: number
  /** Of one decision's contributions to the network. */
  readonly explainMilliseconds: number
}

/** Of a small network; the first epoch is not counted, it begins with the thread. */
async function tryNetwork(
  { sampled: { background, players }, time }: FitContext,
  threads: FitThreads,
  trial: Hybrids,
  seed: number,
): Promise<Trial> {
  const ends: number[] = []
  const options = { seed, units: trialUnits, epochs: trialEpochs }
  const network = await threads.fitCosine(trial, options, () => void ends.push(time.spent()))
  const cosine = { network, nodeCount: Math.min(usualNodes, exactNodeCount(players)) }
  const surrogate = prepareSurrogate({ cosine, trees: undefined }, background, players)
  const values = new Float64Array(players.count)
  const row = trial.rows.subarray(0, trial.featureCount)
  const times = Array.from({ length: explainedRows }, () => {
    const began = time.spent()
    surrogate.explainInto(row, 1, values)
    return 1000 * (time.spent() - began)
  })
  return {
    epochSeconds: (ends.at(-1)! - ends[0]!) / (trialEpochs - 1),
    explainMilliseconds: Math.min(...times),
  }
}

const unitCounts = [128, 256, 512]
/** Fewer hybrids than this are better served by a smaller network. */
const rowsPerUnit = 120
const [trialRows, trialUnits, trialEpochs] = [4096, 128, 4]
/** Quadrature nodes that a trained network mostly needs. */
const usualNodes = 3
/** Of which the fastest counts: the first ones are compiled meanwhile. */
const explainedRows = 20
/** Of the milliseconds of a decision; the model's rows take the rest. */
const surrogateShare = 0.5
/** The trees, and whatever else runs here, slow the network down beside them. */
const plannedShare = 0.85

function fitNetwork(
  context: FitContext,
  threads: FitThreads,
  hybrids: Hybrids,
  { origin, units, rows, ...begun }: NetworkPlan | CosineCheckpoint,
  checkpoint: Checkpoint<CosineCheckpoint>,
  seed: number,
): Promise<CosineNetwork> {
  const tell = tellUntil(context, 'fitting the cosine network', stageEnds.training)
  const keep = (progress: FitProgress): void | 'stop' => {
    if (progress.training !== undefined) void checkpoint.save({ origin, units, rows, training: progress.training })
    return tell(progress)
  }
  const training = 'training' in begun ? begun.training : undefined
  return threads.fitCosine(firstRows(hybrids, rows), { seed, units, epochs }, keep, training)
}

interface TreePlan {
  readonly data: Hybrids
  readonly rounds: number
}

/** Microseconds a row and tree, of a slow machine. */
const treeMicroseconds = 0.8

/** In seconds as many trees as can also be measured in them. */
function planTrees({ time }: FitContext, hybrids: Hybrids): TreePlan {
  const seconds = time.until(stageEnds.training)
  const rounds = Math.min(300, Math.max(60, Math.round(7 * seconds)))
  const rows = Math.floor((0.3 * seconds * 1e6) / (rounds * treeMicroseconds))
  return { data: firstRows(hybrids, Math.max(trialRows, rows)), rounds }
}

function fitTrees(
  context: FitContext,
  threads: FitThreads,
  { data, rounds }: TreePlan,
  step: string,
  end: number,
  seed: number,
): Promise<NonNullable<FittedSurrogate['trees']>> {
  return threads.fitTrees(data, { rounds, leaves: 31, seed }, tellUntil(context, step, end))
}

/**
 * Tells how far a step is, and ends it where one more of its rounds would go beyond its share of the time, beside the one
 * that its thread has already begun.
 */
function tellUntil({ time, say }: FitContext, step: string, end: number): (progress: FitProgress) => void | 'stop' {
  say({ step, share: 0 })
  let before = time.spent()
  let isLast = false
  return ({ done, of }) => {
    // A thread that is ahead tells of rounds that it had done before it heard of the end.
    if (isLast) return 'stop'
    const now = time.spent()
    const next = now - before
    before = now
    isLast = time.until(end) <= 2 * next
    say({ step, share: isLast ? 1 : done / of })
    if (isLast) return 'stop'
  }
}

const nodeTolerance = 1e-6
const mostNodeRows = 20

/** Judged by as many hybrids as a twentieth of the time left allows, from what the first one takes. */
function fewestNodes({ sampled, time }: FitContext, network: CosineNetwork, hybrids: Hybrids): number {
  const { background, players } = sampled
  const choose = (rowCount: number): number =>
    chooseNodes(network, background, players, hybrids.rows, rowCount, nodeTolerance)
  const began = time.spent()
  const byOne = choose(1)
  const inTime = Math.floor(timesIn(0.05 * time.until(1), time.spent() - began))
  return inTime < 2 ? byOne : choose(Math.min(inTime, mostNodeRows, hybrids.rowCount))
}

/** What the surrogate leaves of as many hybrids as half of the time for them allows, from what the first thousand take. */
function residualsInTime({ time }: FitContext, surrogate: Surrogate, hybrids: Hybrids): Hybrids {
  const began = time.spent()
  const few = residualsOf(surrogate, firstRows(hybrids, 1000))
  const times = timesIn(0.5 * time.until(stageEnds.treesOnTop), time.spent() - began)
  return times <= 1 ? few : residualsOf(surrogate, firstRows(hybrids, Math.floor(few.rowCount * times)))
}

function residualsOf(surrogate: Surrogate, hybrids: Hybrids): Hybrids {
  const outputs = new Float64Array(hybrids.rowCount)
  surrogate.outputsInto(hybrids.rows, hybrids.rowCount, outputs)
  return { ...hybrids, targets: outputs.map((output, k) => hybrids.targets[k]! - output) }
}
