import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawRows } from '@raison/explaining'
import { createRandom } from '@raison/numerics'
import { prepareExact, type ExactExplainer } from '@raison/shapley'
import { readForm, singlePlayers } from '../our-side.ts'
import { joinRows, referenceSize, windowSize, type DriftSource, type Rows } from './source.ts'

interface Clients {
  readonly columns: readonly string[]
  readonly count: number
  readonly values: Float32Array
}

const before = 10
const after = 30

/**
 * The 30,000 card clients of UCI 350, of whom each seed takes 20,000 as the reference and the others as the stream: no
 * explanation is in both. Explained by XGBoost, 100 trees of depth 4, against 100 reference rows.
 */
export async function openTaiwan(golden: string): Promise<DriftSource> {
  const data = process.env['RAISON_DATA_DIR'] ?? join(golden, '../data')
  const folder = join(golden, 'taiwan')
  const background = readClients(join(folder, 'bg100.csv'), undefined)
  const { columns } = background
  const clients = readClients(join(data, 'UCI_Credit_Card.csv'), columns)
  const open = async (model: string): Promise<ExactExplainer> => {
    const form = await readForm({ name: model, columns: columns.length, files: join(folder, model, 'model') })
    const reference = { rows: background.values, rowCount: background.count }
    return prepareExact(form, reference, singlePlayers(columns.length))
  }
  const explainer = await open('xgb100d4')
  const explain = (rows: Float32Array, by = explainer): Float64Array => {
    const contributions = new Float64Array(rows.length)
    by.explainInto(rows, rows.length / columns.length, contributions)
    return joinRows(contributions, rows, columns.length)
  }
  const plain = explain(clients.values)
  const zeroed = explain(change(clients, 'PAY_0', () => 0))
  const inThousands = explain(change(clients, 'LIMIT_BAL', (value) => value / 1000))
  const otherModel = explain(clients.values, await open('xgb200d6'))
  const scenarios = [
    { name: 'PAY_0 zeroed for all', changed: zeroed, share: 1 },
    { name: 'PAY_0 zeroed for 20 %', changed: zeroed, share: 0.2 },
    { name: 'PAY_0 zeroed for 5 %', changed: zeroed, share: 0.05 },
    { name: 'LIMIT_BAL in thousands', changed: inThousands, share: 1 },
    { name: 'another model', changed: otherModel, share: 1 },
  ]

  return {
    name: 'Taiwan',
    features: columns,
    adverse: 'high',
    windows: { quiet: before + after, before, after },
    seeds: 60,
    scenarioSeeds: 20,
    scenarios: scenarios.map(({ name }) => ({ name, harmless: false })),
    segments: [],
    draw(seed) {
      const every = Array.from({ length: clients.count }, (_, k) => k)
      const order = drawRows(every, clients.count, createRandom(seed))
      const live = order.slice(referenceSize, referenceSize + (before + after) * windowSize)
      const pick = (of: (k: number) => Float64Array, rows: ArrayLike<number>): Rows => {
        const width = 2 * columns.length
        const picked = new Float64Array(rows.length * width)
        for (let k = 0; k < rows.length; k++) {
          const row = rows[k]!
          picked.set(of(k).subarray(row * width, (row + 1) * width), k * width)
        }
        return { rows: picked, segments: new Uint8Array() }
      }
      return {
        reference: pick(() => plain, order.slice(0, referenceSize)),
        quiet: pick(() => plain, live),
        drifted(name) {
          const { changed, share } = scenarios.find((scenario) => scenario.name === name)!
          const chance = createRandom(1_000_000 + seed)
          const isChanged = Array.from(live, (_, k) => chance.uniform() < share && k >= before * windowSize)
          return pick((k) => (isChanged[k] ? changed : plain), live)
        },
      }
    },
  }
}

/** The named columns, in their order; without names those of the file. */
function readClients(file: string, names: readonly string[] | undefined): Clients {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
  const header = head!.split(',')
  const columns = names ?? header
  const from = columns.map((name) => header.indexOf(name))
  const values = Float32Array.from(
    lines.flatMap((line) => {
      const cells = line.split(',')
      return from.map((at) => Number(cells[at]))
    }),
  )
  return { columns, count: lines.length, values }
}

function change({ columns, values }: Clients, name: string, to: (value: number) => number): Float32Array {
  const at = columns.indexOf(name)
  return values.map((value, k) => (k % columns.length === at ? to(value) : value))
}
