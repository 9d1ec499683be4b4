import { estimate, openBundle } from '@raison/explaining'
import { featureNames, type FeatureName } from '@raison/loan-demo'
import type { PeerProcess } from './peer-process.ts'
import { cachedFile, fitOnce, writeBundle } from './sampled-bundles.ts'
import type { SampledSettings } from './sampled-comparison.ts'
import type { SampledPoint } from './sampled-measures.ts'
import type { SampledCase } from './sampled-golden.ts'
import { measureShipped, type KnownRows, type Sampled } from './sampled-ours.ts'
import { simulateLoans, simulateWide, trainSimulated, type SimulatedModel } from './sampled-simulated.ts'
import { enumerateRow, truthOf } from './sampled-truth.ts'

export interface UnlikeResult {
  readonly title: string
  readonly players: number
  readonly method: string
  readonly fidelity: number
  readonly point: SampledPoint
}

/** No missing values among them. */
const twelve: readonly FeatureName[] = [
  'age',
  'monthly_income',
  'stable_income',
  'home_owner',
  'dependants',
  'customer_years',
  'debt_ratio',
  'open_credits',
  'late_payments_12m',
  'inquiries_6m',
  'amount',
  'term_months',
]
const purposes = featureNames.filter((name) => name.startsWith('purpose_'))

/** Loans again, when there are no real nets: this one is like them. */
export function listSimulatedNets(): SimulatedModel[] {
  const data = simulateLoans(twelve)
  return [
    { name: 'loans-net', title: 'Loans, net of 12 features', data, layers: [64, 32], space: 'log-odds', groups: {} },
  ]
}

export function listUnlikeModels(): SimulatedModel[] {
  const loans = { data: simulateLoans(twelve), space: 'log-odds', groups: {} } as const
  const grouped = simulateLoans([...twelve.slice(1), ...purposes])
  return [
    { ...loans, name: 'hidden-trees', title: 'XGBoost 100 × depth 4, as a black box', layers: [] },
    { ...loans, name: 'probability', title: 'net, explained in probability', layers: [64, 32], space: 'probability' },
    { ...loans, name: 'deep-net', title: 'net 256-256-128', layers: [256, 256, 128] },
    {
      ...loans,
      name: 'one-hot',
      title: 'net, five columns as one player',
      layers: [64, 32],
      data: grouped,
      groups: { purpose: purposes },
    },
    {
      ...loans,
      name: 'all-features',
      title: 'net of all 23 features, with missing values',
      layers: [64, 32],
      data: simulateLoans(),
      groups: { purpose: purposes },
    },
    { ...loans, name: 'wide', title: 'net of 60 features', layers: [64, 32], data: simulateWide() },
  ]
}

/** A case whose bundle names no training rows, as shipped. */
export async function measureWithoutTraining(known: SampledCase, settings: SampledSettings): Promise<UnlikeResult> {
  const bundle = writeBundle({ ...known, name: `${known.name}-reference-alone`, training: undefined })
  const title = `${known.title}, no training rows`
  return measureFitted(bundle, title, settings, async () => ({ rows: known.rows, truth: known.truth }))
}

const mostEnumerated = 12

/** One model as a bundle would have it: fitted, its rows explained as shipped and compared with the truth. */
export async function measureUnlike(
  peers: PeerProcess,
  model: SimulatedModel,
  settings: SampledSettings,
): Promise<UnlikeResult> {
  const recipe = await trainSimulated(peers, model)
  const { rows } = recipe
  const bundle = writeBundle(recipe)
  return measureFitted(bundle, model.title, settings, async (sampled) => ({
    rows,
    truth: await truthOfRows(sampled, rows.values, rows.rowCount, bundle),
  }))
}

async function measureFitted(
  bundle: string,
  title: string,
  { seeds, maxMinutes }: SampledSettings,
  knownRows: (sampled: Sampled) => Promise<KnownRows>,
): Promise<UnlikeResult> {
  await fitOnce(bundle, maxMinutes)
  const opened = await openBundle(bundle)
  try {
    const sampled = opened.sampled!
    console.error(`${title}: truth, and as shipped`)
    const point = await measureShipped(sampled, await knownRows(sampled), seeds)
    const { method, fidelity, players } = sampled
    return { title, players: players.count, method, fidelity: fidelity!, point }
  } finally {
    await opened.close()
  }
}

/** Of a model that is too wide to be enumerated the truth is estimated, with the artefact's help. */
export function truthOfRows(
  sampled: Sampled,
  rows: Float32Array,
  count: number,
  bundle: string,
): Promise<Float64Array> {
  const enumerable = sampled.players.count <= mostEnumerated
  const about = enumerable ? [bundle] : [bundle, sampled.artefactSha256!]
  const file = cachedFile('truth', [...about, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)])
  return truthOf(file, rows, count, sampled, (row, k) =>
    enumerable ? enumerateRow(sampled, row) : sampleMany(sampled, row, k),
  )
}

const manyRows = 2 ** 18

async function sampleMany(sampled: Sampled, row: Float32Array, k: number): Promise<Float64Array> {
  const budget = { rows: manyRows, ridge: 1, factor: 1, error: Number.NaN }
  const calibration = { ...sampled.calibration, budgets: [budget] }
  const [answer] = await estimate({ ...sampled, calibration, budgetRows: manyRows }, row, 1, [2 ** 31 + k])
  return answer!.values
}
