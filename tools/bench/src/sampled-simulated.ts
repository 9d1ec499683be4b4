import { readFileSync, writeFileSync } from 'node:fs'
import { featureNames, simulateApplications, type FeatureName } from '@raison/loan-demo'
import { createRandom } from '@raison/numerics'
import type { PeerProcess } from './peer-process.ts'
import { cachedFile, type BundleRecipe, type Table } from './sampled-bundles.ts'
import { askPeers } from './sampled-peers.ts'

/** A model of simulated data: how it is trained, and what it is trained on. */
export interface SimulatedModel {
  readonly name: string
  readonly title: string
  readonly data: LabelledTable
  /** Hidden layers of a net; none for boosted trees that are not to be recognised. */
  readonly layers: readonly number[]
  readonly space: BundleRecipe['space']
  readonly groups: BundleRecipe['groups']
}

export interface LabelledTable extends Table {
  readonly labels: Float32Array
}

export interface SimulatedRecipe extends BundleRecipe {
  readonly title: string
  readonly rows: Table
}

const counts = { training: 20_000, reference: 100, explained: 20 }
const simulated = counts.training + counts.reference + counts.explained

/** Trains on 20,000 rows unless an earlier run has; 100 more are the reference, 20 more to be explained. */
export async function trainSimulated(peers: PeerProcess, model: SimulatedModel): Promise<SimulatedRecipe> {
  const { data, layers, name, title, space, groups } = model
  const { training } = counts
  const table = joinLabels(data, training)
  const file = cachedFile(`${name}.onnx`, [JSON.stringify(layers), new Uint8Array(table.buffer)])
  const graph = readIfThere(file) ?? (await train(peers, table, data.columns.length, layers, file))
  return {
    name,
    title,
    graph,
    space,
    groups,
    training: rowsOf(data, 0, training),
    reference: rowsOf(data, training, counts.reference),
    rows: rowsOf(data, training + counts.reference, counts.explained),
  }
}

async function train(
  peers: PeerProcess,
  table: Float32Array,
  columns: number,
  layers: readonly number[],
  file: string,
): Promise<Uint8Array> {
  console.error(`Training ${file} …`)
  const tableFile = `${file}.f32`
  writeFileSync(tableFile, table)
  await askPeers(peers, { verb: 'train', table: tableFile, columns, layers, file })
  return readFileSync(file)
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function joinLabels({ columns, values, labels }: LabelledTable, count: number): Float32Array {
  const width = columns.length
  return Float32Array.from({ length: count * (width + 1) }, (_, k) => {
    const [row, column] = [Math.floor(k / (width + 1)), k % (width + 1)]
    return column === width ? labels[row]! : values[row * width + column]!
  })
}

function rowsOf({ columns, values }: Table, first: number, rowCount: number): Table {
  return { columns, rowCount, values: values.slice(first * columns.length, (first + rowCount) * columns.length) }
}

/** Loan applications, of which the model sees these features. */
export function simulateLoans(columns: readonly FeatureName[] = featureNames): LabelledTable {
  const applications = [...simulateApplications({ seed: 21, count: simulated })]
  return {
    columns,
    rowCount: simulated,
    values: Float32Array.from(applications.flatMap(({ features }) => columns.map((name) => features[name] ?? NaN))),
    labels: Float32Array.from(applications, ({ defaulted }) => defaulted),
  }
}

/** Sixty features of six common causes; the outcome depends on curves, steps and products of half of them. */
export function simulateWide(): LabelledTable {
  const width = 60
  const random = createRandom(31)
  const loadings = Float64Array.from({ length: width * 6 }, () => random.normal() / 3)
  const values = new Float32Array(simulated * width)
  const labels = new Float32Array(simulated)
  for (let row = 0; row < simulated; row++) {
    const causes = Float64Array.from({ length: 6 }, () => random.normal())
    const x = Float64Array.from({ length: width }, (_, j) =>
      causes.reduce((sum, cause, c) => sum + cause * loadings[6 * j + c]!, 0.7 * random.normal()),
    )
    values.set(x, row * width)
    let logOdds = -1
    for (let j = 0; j < 30; j += 3)
      logOdds += Math.tanh(2 * x[j]!) + (x[j + 1]! > 0.5 ? 0.6 : 0) - x[j + 1]! * x[j + 2]! * 0.5
    labels[row] = random.uniform() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0
  }
  return { columns: Array.from({ length: width }, (_, j) => `x${j}`), rowCount: simulated, values, labels }
}
