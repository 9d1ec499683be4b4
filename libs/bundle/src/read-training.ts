import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { decodeText } from './bundle-files.ts'
import type { Bundle, NumberTable } from './bundle.ts'
import { readTable } from './read-table.ts'

/** The training rows in bundle order, without their label; undefined when the bundle names none. Throws BundleError. */
export async function readTraining({ training, features }: Bundle): Promise<NumberTable | undefined> {
  if (training === undefined) return undefined
  const columns = features.map(({ name }) => name)
  const labels = training.label === undefined ? [] : [training.label]
  const file = basename(training.file)
  const remedy = training.label === undefined ? howToNameLabel(file) : undefined
  const table = readTable(file, decodeText(file, await readFile(training.file)), [...columns, ...labels], remedy)
  return { columns, rowCount: table.rowCount, values: withoutLast(table, labels.length) }
}

const howToNameLabel = (file: string): string =>
  `drop these columns; what the model learned to predict may stay, named in bundle.yaml: training: { file: ${file}, label: … }`

function withoutLast({ columns, rowCount, values }: NumberTable, dropped: number): Float64Array {
  if (dropped === 0) return values
  const width = columns.length - dropped
  return Float64Array.from(
    { length: rowCount * width },
    (_, k) => values[Math.floor(k / width) * columns.length + (k % width)]!,
  )
}
