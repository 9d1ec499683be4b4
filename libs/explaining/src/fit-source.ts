import { readTraining, type Bundle } from '@raison/bundle'
import type { Random } from '@raison/numerics'
import type { Source } from '@raison/surrogate'
import { drawStrangers } from './draw-strangers.ts'
import { drawHeldOut, mostHeldOut, type HeldOutSplit } from './held-out.ts'

/** Drawn for the fit where there are no applicants. */
const fittedStrangers = 4000

/** Training rows when the bundle has some that the model takes, else the reference file and strangers to it. */
export async function splitSource(bundle: Bundle, acceptsMissing: boolean, random: Random): Promise<HeldOutSplit> {
  const training = await readTraining(bundle)
  const taken = training && (acceptsMissing ? training : withoutMissing(training))
  if (taken?.rowCount) return drawHeldOut(toSource(taken), random)
  const reference = toSource(bundle.reference.rows)
  const strangers = drawStrangers(reference, fittedStrangers, random)
  const rows = new Float32Array(reference.rows.length + strangers.rows.length)
  rows.set(reference.rows)
  rows.set(strangers.rows, reference.rows.length)
  const fitRows = { rows, rowCount: reference.rowCount + strangers.rowCount }
  return { fitRows, heldOut: drawStrangers(reference, mostHeldOut, random) }
}

interface Rows {
  readonly values: Float64Array
  readonly rowCount: number
}

function toSource({ values, rowCount }: Rows): Source {
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
