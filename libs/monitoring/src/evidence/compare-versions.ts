import type { Baseline } from '@raison/drift'
import type { DriftSignal } from '@raison/events'
import { readJson, writeJson, type Table } from '../windows/table.ts'
import type { Group, SliceWatch } from './group.ts'
import type { EvidenceSettings } from './settings.ts'
import { comparisonOf, type Watched } from './signal.ts'

/** Once, when its baseline is known: with the baseline of the model that became known before it. `number`: of the window. */
export function compareWithOlder(
  table: Table,
  groups: readonly Group[],
  { watched, watch }: SliceWatch,
  number: number,
  settings: EvidenceSettings,
): DriftSignal | undefined {
  const baseline = watch.baseline()
  if (baseline === undefined) return undefined
  // Baselines of the model, in the order in which they became known.
  const knownKey = `known/${watched.modelName}`
  const known = readJson<string[]>(table, knownKey) ?? []
  if (known.includes(watched.baselineKey)) return undefined
  const older = newestOf(known, groups)
  writeJson(table, knownKey, [...known, watched.baselineKey])
  return older && comparisonOf(older, { watched, baseline }, number, settings)
}

/** Of the last of these keys that still has a baseline; of several groups of a key the first by id. */
function newestOf(
  keys: readonly string[],
  groups: readonly Group[],
): { watched: Watched; baseline: Baseline } | undefined {
  const candidates = groups.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  for (const key of keys.toReversed())
    for (const { watches } of candidates) {
      const { watched, watch } = watches[0]!
      const baseline = watch.baseline()
      if (watched.baselineKey === key && baseline !== undefined) return { watched, baseline }
    }
  return undefined
}
