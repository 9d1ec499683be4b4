/** Rows to try a model with, row-major. */
export interface Trial {
  readonly rows: Float32Array
  readonly rowCount: number
}

const madeUpCount = 256

/** The sample, else made-up rows. */
export function makeTrial(sample: Float32Array | undefined, featureCount: number): Trial {
  const rows = sample === undefined || sample.length === 0 ? makeUpRows(featureCount) : sample
  const rowCount = rows.length / featureCount
  return { rows, rowCount }
}

/**
 * Evenly spread numbers, the same every time; each row has its own size, 0.01 to 100,000, because a sigmoid or softplus far
 * out shows no difference.
 */
const makeUpRows = (featureCount: number): Float32Array =>
  Float32Array.from({ length: madeUpCount * featureCount }, (_, i) => {
    const spread = (((i + 1) * 0.6180339887498949) % 1) * 2 - 1
    return spread * 10 ** ((Math.floor(i / featureCount) % 8) - 2)
  })

/** `rowCount` rows, the trial over and over, behind `shift` rows of zeros. */
export function repeatTrial(trial: Trial, rowCount: number, shift: number): Trial {
  const width = trial.rows.length / trial.rowCount
  const rows = new Float32Array(rowCount * width)
  for (let at = shift * width; at < rows.length; at++) rows[at] = trial.rows[(at - shift * width) % trial.rows.length]!
  return { rows, rowCount }
}
