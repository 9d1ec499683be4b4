import { readFileSync } from 'node:fs'
import type { ComparedModel, OurSide } from './our-side.ts'
import { openOurSide } from './our-side.ts'
import type { PeerProcess } from './peer-process.ts'

/** One thing to compare: which peer, how many reference rows, how many rows a call. */
export interface Comparison {
  readonly peer: 'shap' | 'woodelf' | 'native'
  readonly background: number
  readonly ourBatch: number
  readonly theirBatch: number
}

export interface Outcome extends Comparison {
  /** Milliseconds per decision, one per round; the same round's numbers were measured one right after the other. */
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
  /** Why there are no numbers. */
  readonly error: string | undefined
}

export interface ModelOutcome {
  readonly model: string
  readonly outcomes: readonly Outcome[]
  readonly againstShap: readonly AgainstShap[]
}

export interface AgainstShap {
  readonly background: number
  /** Largest |φ ours − φ shap|. */
  readonly gap: number
  /** Milliseconds before the first decision. */
  readonly ourPreparation: number
  readonly theirPreparation: number
}

const backgrounds = [100, 1000] as const
const comparisons: readonly Comparison[] = [
  { peer: 'shap', background: 100, ourBatch: 1, theirBatch: 1 },
  { peer: 'shap', background: 100, ourBatch: 1000, theirBatch: 100 },
  { peer: 'shap', background: 1000, ourBatch: 1, theirBatch: 1 },
  { peer: 'shap', background: 1000, ourBatch: 1000, theirBatch: 20 },
  { peer: 'woodelf', background: 1000, ourBatch: 1, theirBatch: 1 },
  { peer: 'woodelf', background: 1000, ourBatch: 1000, theirBatch: 1000 },
  { peer: 'native', background: 1000, ourBatch: 1, theirBatch: 1 },
  { peer: 'native', background: 1000, ourBatch: 1000, theirBatch: 1000 },
]
/** Five, or three where a call takes seconds. */
const rounds = { least: 3, most: 5, enough: 10_000 }
const seconds = 0.3
const comparedRows = 100

export async function compareModel(peers: PeerProcess, model: ComparedModel): Promise<ModelOutcome> {
  const ours = new Map<number, OurSide>()
  for (const background of backgrounds) ours.set(background, await openOurSide(model, background))
  const againstShap: AgainstShap[] = []
  for (const [background, side] of ours) againstShap.push(await compareWithShap(peers, model, side, background))
  const outcomes: Outcome[] = []
  for (const comparison of comparisons) {
    console.error(`${model.name}: ${comparison.peer}, ${comparison.background} rows, ${comparison.theirBatch} a call`)
    outcomes.push(await compare(peers, model, ours.get(comparison.background)!, comparison))
  }
  return { model: model.name, outcomes, againstShap }
}

async function compareWithShap(
  peers: PeerProcess,
  { name, files }: ComparedModel,
  ourSide: OurSide,
  background: number,
): Promise<AgainstShap> {
  const about = { peer: 'shap', model: name, background }
  const file = `${files}.shap.f64`
  const prepared = await peers.ask<{ milliseconds: number }>({ verb: 'prepared_in', ...about })
  if ('error' in prepared) throw new Error(`shap could not take ${name}: ${prepared.error}`)
  const answer = await peers.ask<object>({ verb: 'values', ...about, count: comparedRows, file })
  if ('error' in answer) throw new Error(`shap gave no values for ${name}: ${answer.error}`)
  const bytes = readFileSync(file)
  const theirs = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  const gap = ourSide.values(comparedRows).reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0)
  return { background, gap, ourPreparation: ourSide.preparedIn, theirPreparation: prepared.milliseconds }
}

/** Rounds in alternating order, after one that only warms up. */
async function compare(
  peers: PeerProcess,
  { name }: ComparedModel,
  ourSide: OurSide,
  comparison: Comparison,
): Promise<Outcome> {
  const { peer, background, ourBatch, theirBatch } = comparison
  const question = { verb: 'measure', peer, model: name, background, batch: theirBatch }
  const askThem = (duration: number) => peers.ask<{ milliseconds: number }>({ ...question, seconds: duration })
  const warmUp = await askThem(0.01)
  if ('error' in warmUp) return { ...comparison, ours: [], theirs: [], error: warmUp.error }
  ourSide.measure(ourBatch, seconds)

  const ours: number[] = []
  const theirs: number[] = []
  const start = performance.now()
  for (let round = 0; round < rounds.most; round++) {
    if (round >= rounds.least && performance.now() - start > rounds.enough) break
    if (round % 2 === 0) ours.push(ourSide.measure(ourBatch, seconds))
    const answer = await askThem(seconds)
    if ('error' in answer) return { ...comparison, ours: [], theirs: [], error: answer.error }
    theirs.push(answer.milliseconds)
    if (round % 2 === 1) ours.push(ourSide.measure(ourBatch, seconds))
  }
  return { ...comparison, ours, theirs, error: undefined }
}
