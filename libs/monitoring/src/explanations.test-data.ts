import { createRandom } from '@raison/numerics'
import type { MonitoredExplanation, MonitorInput, WindowRows } from '@raison/events'
import {
  combineWindows,
  countPartition,
  type CombineResult,
  type CountResult,
  type CountSettings,
  type EvidenceSettings,
  type FindBaseline,
  type Table,
  type TimedExplanation,
} from './index.ts'

export const features = ['income', 'term', 'âge', 'region']
export const startedAt = Date.parse('2026-11-01T00:00:00Z')

export interface Shape {
  readonly count: number
  readonly seed?: number
  /** Ids begin here. */
  readonly from?: number
  /** The contribution of income is that of other applicants from this one on. */
  readonly driftsAt?: number
  /** So many times as large. */
  readonly driftsBy?: number
  readonly version?: string
  readonly change?: (k: number) => Partial<MonitoredExplanation>
}

/** One explanation a minute. */
export function explanations({
  count,
  seed = 1,
  from = 0,
  driftsAt = Infinity,
  driftsBy = 8,
  version = '1',
  change,
}: Shape): TimedExplanation[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const k = from + i
    const timestamp = startedAt + k * 60_000
    const contributions = features.map((feature, j) => ({
      feature,
      value: j === 3 ? (k % 4 === 0 ? 'north' : 'south') : j + (k % 10),
      contribution: (random.uniform() - 0.3) * (j + 1) * (j === 0 && k >= driftsAt ? driftsBy : 1),
    }))
    const explanation: MonitoredExplanation = {
      explanationId: `explanation-${k}`,
      decisionId: `decision-${k}`,
      decidedAt: new Date(timestamp).toISOString(),
      status: 'OK',
      adverse: 'high',
      space: 'log-odds',
      method: 'exact-trees',
      artefactSha256: undefined,
      model: { name: 'loans', version, sha256: `sha-of-${version}` },
      reference: { sha256: 'reference' },
      budget: { rows: 0 },
      contributions: contributions.map((each) => ({ ...each, interval: undefined })),
      contributionsCut: false,
      quality: { surrogateFidelity: undefined, degraded: false },
      ...change?.(k),
    }
    return { explanation, timestamp }
  })
}

export const countSettings: CountSettings = {
  windows: { explanations: 40 },
  duplicatesWithinHours: 24,
  mostRemembered: 100_000,
  slices: [],
  softwareVersion: '0',
}

export const evidenceSettings: EvidenceSettings = {
  runLength: 100,
  reference: 800,
  idleAfterMinutes: 60,
  cooldown: 5,
  severity: { warning: 0.05, critical: 0.15 },
  link: '',
  softwareVersion: '0',
}

export function newTable(): Table & { readonly values: Map<string, Buffer> } {
  const values = new Map<string, Buffer>()
  return {
    values,
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, Buffer.from(value)),
    delete: (key) => void values.delete(key),
    keys: () => [...values.keys()].sort(),
  }
}

/** Records in turn over the partitions, each counted in batches of `batch`, and opened anew before every batch when `restarts`. */
export function countAll(
  records: readonly TimedExplanation[],
  { partitions = 1, batch = 25, restarts = false, settings = countSettings } = {},
): { readonly rows: WindowRows[][]; readonly results: CountResult[] } {
  const results: CountResult[] = []
  const rows = Array.from({ length: partitions }, (_, partition) => {
    const own = records.filter((_, k) => k % partitions === partition)
    const table = newTable()
    const open = () => countPartition(table, settings, { partition, partitions })
    let count = open()
    const found: WindowRows[] = []
    for (let begin = 0; begin < own.length; begin += batch) {
      if (restarts) count = open()
      const result = count(own.slice(begin, begin + batch))
      results.push(result)
      found.push(...result.rows)
    }
    return found
  })
  return { rows, results }
}

/** The next of them each time, chosen by `choose`. */
export function interleave(rows: readonly (readonly WindowRows[])[], seed: number): WindowRows[] {
  const random = createRandom(seed)
  const left = rows.map((each) => [...each])
  const mixed: WindowRows[] = []
  for (;;) {
    const some = left.filter((each) => each.length > 0)
    if (some.length === 0) return mixed
    mixed.push(some[Math.floor(random.uniform() * some.length)]!.shift()!)
  }
}

export const asInput = (rows: WindowRows): MonitorInput => ({ rows, command: undefined })

/** By one who opens the table for this alone. */
export function takeAnew(table: Table, input: MonitorInput, timestamp: number = startedAt): CombineResult {
  const combine = combineWindows(table, evidenceSettings, () => undefined)
  const result = combine.take(input, timestamp)
  combine.keep()
  return result
}

export function combineAll(
  rows: readonly WindowRows[],
  {
    restarts = false,
    settings = evidenceSettings,
    findBaseline = (() => undefined) as FindBaseline,
    table = newTable(),
  } = {},
): CombineResult {
  const open = () => combineWindows(table, settings, findBaseline)
  let combine = open()
  const results = rows.map((each) => {
    if (restarts) {
      combine.keep()
      combine = open()
    }
    return combine.take(asInput(each), startedAt)
  })
  combine.keep()
  return {
    signals: results.flatMap(({ signals }) => signals),
    closed: results.flatMap(({ closed }) => closed),
    late: results.reduce((sum, { late }) => sum + late, 0),
    refused: results.reduce((sum, { refused }) => sum + refused, 0),
  }
}
