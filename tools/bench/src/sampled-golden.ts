import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleRecipe, Table } from './sampled-bundles.ts'

/** A model with rows to explain and their true contributions. */
export interface SampledCase extends BundleRecipe {
  readonly title: string
  readonly rows: Table
  /** Row-major, one number per player. */
  readonly truth: Float64Array
}

interface Split {
  readonly columns: readonly string[]
  readonly mlp12_columns: readonly string[]
  readonly train_index: readonly number[]
  readonly test_index: readonly number[]
}

const titles = [
  ['taiwan', 'mlp12', 'Taiwan, net of 12 features'],
  ['south_german', 'mlp12', 'South German, net of 12 features'],
  ['taiwan', 'mlp', 'Taiwan, net of 23 features'],
] as const

/** The nets of real credit decisions; none, and said so, where the data they were trained on is not beside them. */
export function readGoldenCases(golden: string): SampledCase[] {
  const data = process.env['RAISON_DATA_DIR'] ?? join(golden, '../data')
  if (existsSync(data)) return titles.map(([set, net, title]) => readCase(golden, data, set, net, title))
  console.error(
    `Real nets skipped: there is no ${data} to take training rows from (RAISON_DATA_DIR names another place)`,
  )
  return []
}

type SetName = (typeof titles)[number][0]

function readCase(golden: string, data: string, set: SetName, net: 'mlp' | 'mlp12', title: string): SampledCase {
  const folder = join(golden, set)
  const tables = net === 'mlp12' ? join(folder, net) : folder
  const { phi } = readJson<{ phi: number[][] }>(join(folder, net, 'shap_bg100_exact.json'))
  return {
    name: `${set}-${net}`,
    title,
    graph: readFileSync(join(folder, net, 'model.onnx')),
    space: 'log-odds',
    reference: readTable(join(tables, 'bg100.csv')),
    training: readSplit(golden, data, set, net, 'train_index'),
    groups: {},
    rows: readTable(join(tables, 'rows20.csv')),
    truth: Float64Array.from(phi.flat()),
  }
}

/** Rows of the raw data, in the order of the split. */
function readSplit(
  golden: string,
  data: string,
  set: SetName,
  net: 'mlp' | 'mlp12',
  part: 'train_index' | 'test_index',
): Table {
  const split = readJson<Split>(join(golden, set, 'split.json'))
  const columns = net === 'mlp12' ? split.mlp12_columns : split.columns
  const raw = readTable(join(data, set === 'taiwan' ? 'UCI_Credit_Card.csv' : 'SouthGermanCredit.asc'))
  const from = columns.map((column) => raw.columns.indexOf(column))
  const values = new Float32Array(split[part].length * columns.length)
  split[part].forEach((row, k) =>
    from.forEach((column, j) => (values[k * columns.length + j] = raw.values[row * raw.columns.length + column]!)),
  )
  return { columns, rowCount: split[part].length, values }
}

/** Rows that neither the model nor its surrogate has seen. */
export function readTestRows(golden: string): Table {
  return readSplit(golden, process.env['RAISON_DATA_DIR'] ?? join(golden, '../data'), 'taiwan', 'mlp12', 'test_index')
}

function readTable(file: string): Table {
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  const separator = head!.includes(',') ? ',' : ' '
  const cells = lines.flatMap((line) => line.split(separator).map((cell) => (cell === '' ? NaN : Number(cell))))
  return {
    columns: head!.split(separator).map((name) => name.replaceAll('"', '')),
    rowCount: lines.length,
    values: Float32Array.from(cells),
  }
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T
