import { prepareExact, type ExactExplainer } from '@raison/shapley'
import { singlePlayers } from './our-side.ts'
import type { TimedModel } from './timed-models.ts'

/** Microseconds per decision of one model, a value per round. */
export interface ExplainTimes {
  readonly model: string
  readonly rows: number
  readonly preparedInMs: number
  readonly inBatchesOf1000: readonly number[]
  readonly oneByOne: readonly number[]
}

const batch = 1000
const referenceSizes = [100, 1000]

/** The two sizes of the reference in alternating order, one thread. */
export function timeExplanations(model: TimedModel, rounds: number): ExplainTimes[] {
  const cases = referenceSizes.map((rows) => prepare(model, rows))
  for (const { explainer } of cases) for (let i = 0; i < 3; i++) timeBoth(explainer, model)
  for (let round = 0; round < rounds; round++)
    for (const { explainer, times } of round % 2 === 0 ? cases : cases.toReversed()) {
      const { inBatch, alone } = timeBoth(explainer, model)
      times.inBatchesOf1000.push(inBatch)
      times.oneByOne.push(alone)
    }
  return cases.map(({ times }) => times)
}

function prepare({ name, form, reference, columns }: TimedModel, rows: number) {
  const start = performance.now()
  const background = { rows: reference.subarray(0, rows * columns), rowCount: rows }
  const explainer = prepareExact(form, background, singlePlayers(columns))
  const preparedInMs = performance.now() - start
  const times = { model: name, rows, preparedInMs, inBatchesOf1000: [] as number[], oneByOne: [] as number[] }
  return { explainer, times }
}

function timeBoth(explainer: ExactExplainer, { rows, columns }: TimedModel): { inBatch: number; alone: number } {
  const values = new Float64Array(batch * columns)
  const inBatch = microseconds(() => explainer.explainInto(rows.subarray(0, batch * columns), batch, values))
  const alone = microseconds(() => {
    for (let r = 0; r < batch; r++) explainer.explainInto(rows.subarray(r * columns, (r + 1) * columns), 1, values)
  })
  return { inBatch: inBatch / batch, alone: alone / batch }
}

function microseconds(run: () => void): number {
  const start = performance.now()
  run()
  return (performance.now() - start) * 1000
}
