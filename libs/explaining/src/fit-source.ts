import { readTraining, type Bundle } from '@raison/bundle'
import type { Source } from '@raison/surrogate'

/** The training rows when the bundle has some that the model takes, else the reference file. */
export async function sourceOf(bundle: Bundle, acceptsMissing: boolean): Promise<Source> {
  const training = await readTraining(bundle)
  const taken = training && (acceptsMissing ? training : withoutMissing(training))
  const { values, rowCount } = taken?.rowCount ? taken : bundle.reference.rows
  return { rows: Float32Array.from(values), rowCount }
}

interface Rows {
  readonly values: Float64Array
  readonly rowCount: number
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
