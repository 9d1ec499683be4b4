import type { Random } from '@raison/numerics'
import {
  calibrate,
  exactNodeCount,
  prepareSurrogate,
  type Calibration,
  type FittedSurrogate,
  type HeldOutRow,
  type MeasuredPairs,
  type Source,
  type Surrogate,
} from '@raison/surrogate'
import { askHeldOut, type AskedRow } from './ask-held-out.ts'
import { estimate } from './estimate.ts'
import type { FitContext } from './fit-context.ts'
import { stageEnds, timesIn, type FitTime } from './fit-time.ts'
import { kindOf, type SampledRouteReady } from './sampling.ts'

/** A surrogate with what it costs and how well it does. */
export interface Candidate {
  /** `cosine`, `cosine+trees` or `trees`. */
  readonly kind: string
  readonly surrogate: FittedSurrogate
  readonly calibration: Calibration
  readonly budgetRows: number
  /** Of the error at that budget: median |φ̂ − φ|² / |φ|². */
  readonly error: number
  /** Per budget of the calibration, of one decision on one core. */
  readonly milliseconds: readonly number[]
}

/** Model rows of one decision. Below 256 the intervals are too narrow to be offered. */
const budgets = [256, 512, 1024, 2048, 4096]
const pairCounts = { trial: budgets.at(-1)! / 2, truth: 2048 }

/**
 * Candidates by their error within the milliseconds of one decision, the best first; the fastest first when none is fast
 * enough. All are measured on the same held-out rows, as many as the time left allows.
 */
export async function compareSurrogates(
  context: FitContext,
  fitted: readonly FittedSurrogate[],
  heldOut: Source,
  random: Random,
): Promise<Candidate[]> {
  const { sampled, time, milliseconds: most, say } = context
  const tell = (share: number): void => say({ step: 'measuring error against time', share })
  const contestants = fitted.map((each) => prepare(each, sampled))
  const ask = askHeldOut(sampled, heldOut, pairCounts, random)
  const calibrateOn = async (count: number): Promise<Calibration[]> => {
    const asked = await ask(count)
    return contestants.map((contestant) =>
      calibrate(heldOutRows(sampled, contestant, asked), budgets, sampled.adverseSign),
    )
  }
  tell(0)
  const calibrations = await calibrateOn(await rowsInTime(time, heldOut.rowCount, calibrateOn))

  const candidates: Candidate[] = []
  for (const [k, calibration] of calibrations.entries()) {
    tell((k + 1) / (fitted.length + 1))
    const { fitted: surrogate, prepared } = contestants[k]!
    const end = stageEnds.calibrating + ((k + 1) / fitted.length) * (stageEnds.timing - stageEnds.calibrating)
    const milliseconds = await timeBudgets({ ...sampled, surrogate: prepared, calibration }, heldOut, time, end)
    candidates.push({
      kind: kindOf(surrogate),
      surrogate,
      calibration,
      milliseconds,
      ...choose(calibration, milliseconds, most),
    })
  }
  return candidates.sort((a, b) => costOf(a, most) - costOf(b, most) || a.error - b.error)
}

interface Contestant {
  readonly fitted: FittedSurrogate
  readonly prepared: Surrogate
  /** The same surrogate, its contributions without the error of few quadrature nodes. */
  readonly exact: Surrogate
}

function prepare(fitted: FittedSurrogate, { background, players }: SampledRouteReady): Contestant {
  const { cosine, trees } = fitted
  const everyNode = { cosine: cosine && { ...cosine, nodeCount: exactNodeCount(players) }, trees }
  return {
    fitted,
    prepared: prepareSurrogate(fitted, background, players),
    exact: prepareSurrogate(everyNode, background, players),
  }
}

const [fewestRows, pilotRows] = [8, 2]

/** By how long the whole of it takes for the first rows. */
async function rowsInTime(
  time: FitTime,
  rowCount: number,
  calibrateOn: (count: number) => Promise<unknown>,
): Promise<number> {
  const began = time.spent()
  await calibrateOn(pilotRows)
  const inTime = pilotRows * timesIn(time.until(stageEnds.calibrating), time.spent() - began)
  return Math.min(rowCount, Math.max(fewestRows, Math.floor(inTime)))
}

function heldOutRows(
  { players, baseValue }: SampledRouteReady,
  { prepared, exact }: Contestant,
  asked: readonly AskedRow[],
): HeldOutRow[] {
  const valuesOf = (surrogate: Surrogate, row: Float32Array): Float64Array => {
    const values = new Float64Array(players.count)
    surrogate.explainInto(row, 1, values)
    return values
  }
  return asked.map(({ row, output, trial, truth }) => ({
    surrogateValues: valuesOf(prepared, row),
    exactValues: valuesOf(exact, row),
    total: output - baseValue,
    trial: less(prepared, row, trial),
    truth: less(prepared, row, truth),
  }))
}

function less(surrogate: Surrogate, row: Float32Array, { plan, differences }: MeasuredPairs): MeasuredPairs {
  const own = new Float64Array(plan.pairCount)
  surrogate.pairDifferencesInto(row, plan, own)
  return { plan, differences: differences.map((difference, k) => difference - own[k]!) }
}

const [fewestTimed, mostTimed] = [3, 15]
const warmUp = 10

/** So wide that no reasons are settled. */
const unsettled = 1e9

/** Median milliseconds of one decision alone with each budget, all of it spent: one whose reasons are settled early takes less. */
async function timeBudgets(
  sampled: Omit<SampledRouteReady, 'budgetRows'>,
  heldOut: Source,
  time: FitTime,
  end: number,
): Promise<number[]> {
  const spent = sampled.calibration.budgets.map((budget) => ({ ...budget, reasonFactor: unsettled }))
  const whole = { ...sampled, calibration: { ...sampled.calibration, budgets: spent } }
  const ready = spent.map(({ rows }) => ({ ...whole, budgetRows: rows }))
  const times = ready.map((): number[] => [])
  for (let k = 0; k < warmUp; k++) await timeOne(ready[0]!, heldOut, k)
  for (let k = 0; k < mostTimed && (k < fewestTimed || time.until(end) > 0); k++)
    for (const [b, each] of ready.entries()) times[b]!.push(await timeOne(each, heldOut, k))
  return times.map((of) => of.sort((a, b) => a - b)[of.length >> 1]!)
}

/** Processor time of all threads, so that other work on the machine does not choose the surrogate. */
async function timeOne(sampled: SampledRouteReady, { rows, rowCount }: Source, k: number): Promise<number> {
  const width = rows.length / rowCount
  const row = rows.subarray((k % rowCount) * width, ((k % rowCount) + 1) * width)
  const before = process.cpuUsage()
  await estimate(sampled, row, 1, [k])
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function choose(
  { budgets: calibrated }: Calibration,
  milliseconds: readonly number[],
  most: number,
): Pick<Candidate, 'budgetRows' | 'error'> {
  const within = calibrated.filter((_, b) => milliseconds[b]! <= most)
  const { rows, error } = within.length === 0 ? calibrated[0]! : within.reduce((a, b) => (b.error < a.error ? b : a))
  return { budgetRows: rows, error }
}

/** Zero for a candidate within the time. */
function costOf({ milliseconds: measured, budgetRows }: Candidate, most: number): number {
  return Math.max(0, measured[budgets.indexOf(budgetRows)]! - most)
}
