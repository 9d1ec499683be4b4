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
  /** Largest |φ ours − φ shap|, by reference rows. */
  readonly gaps: readonly { readonly background: number; readonly gap: number }[]
  /** Milliseconds to prepare our tables, by reference rows. */
  readonly preparedIn: readonly { readonly background: number; readonly milliseconds: number }[]
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
const rounds = 5
const seconds = 0.3
const comparedRows = 100

export async function compareModel(peers: PeerProcess, model: ComparedModel): Promise<ModelOutcome> {
  const ours = new Map<number, OurSide>()
  for (const background of backgrounds) ours.set(background, await openOurSide(model, background))
  const outcomes: Outcome[] = []
  for (const comparison of comparisons) {
    console.error(`${model.name}: ${comparison.peer}, ${comparison.background} rows, ${comparison.theirBatch} a call`)
    outcomes.push(await compare(peers, model, ours.get(comparison.background)!, comparison))
  }
  const gaps = []
  for (const [background, side] of ours) gaps.push({ background, gap: await shapGap(peers, model, side, background) })
  const preparedIn = [...ours].map(([background, side]) => ({ background, milliseconds: side.preparedIn }))
  return { model: model.name, outcomes, gaps, preparedIn }
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
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) ours.push(ourSide.measure(ourBatch, seconds))
    const answer = await askThem(seconds)
    if ('error' in answer) return { ...comparison, ours: [], theirs: [], error: answer.error }
    theirs.push(answer.milliseconds)
    if (round % 2 === 1) ours.push(ourSide.measure(ourBatch, seconds))
  }
  return { ...comparison, ours, theirs, error: undefined }
}

async function shapGap(
  peers: PeerProcess,
  model: ComparedModel,
  ourSide: OurSide,
  background: number,
): Promise<number> {
  const file = `${model.files}.shap.f64`
  const question = { verb: 'values', peer: 'shap', model: model.name, background, count: comparedRows, file }
  const answer = await peers.ask<Record<string, never>>(question)
  if ('error' in answer) throw new Error(`shap gave no values for ${model.name}: ${answer.error}`)
  const bytes = readFileSync(file)
  const theirs = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  return ourSide.values(comparedRows).reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0)
}
