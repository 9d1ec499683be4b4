import type { Slice } from '@raison/drift'
import type { FeatureValue, MonitoredExplanation } from '@raison/events'
import { findValue, mostSlices, valuedFeatures, type SliceRule } from '@raison/monitoring'
import { amountOf, count } from '../amount-of.ts'
import { CliError } from '../report-error.ts'
import type { KeyedBaseline } from './baselines.ts'

/** The explanations in which a feature has one value: a rule that the drift monitor would take too. */
export interface ValueSlice extends Slice, SliceRule {
  /** Null where it is missing. */
  readonly equals: FeatureValue
}

/** What may become a slice. */
export interface Part extends Omit<ValueSlice, 'baseline'> {
  /** Numbers of its explanations in the baseline. */
  readonly rows: readonly number[]
}

/** By feature and value the explanations that have it. */
export type Parts = ReadonlyMap<string, Map<FeatureValue, number[]>>

export function newParts(sliceBy: readonly string[]): Parts {
  return new Map(sliceBy.map((feature) => [feature, new Map<FeatureValue, number[]>()]))
}

export function addToParts(parts: Parts, { contributions }: MonitoredExplanation, row: number): void {
  for (const [feature, byValue] of parts) {
    const value = findValue(contributions, feature)
    if (value === undefined) continue
    const rows = byValue.get(value)
    if (rows === undefined) byValue.set(value, [row])
    else rows.push(row)
  }
}

/** `channel=broker`: of every feature and value another, as reports and detectors know a slice by its name. */
export function nameSlice(feature: string, value: FeatureValue): string {
  return `${feature}=${typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)}`
}

/** Any other text stands in quotes: it could be taken for a number, for a value that is missing, or for a part of the name. */
function isPlain(text: string): boolean {
  return text !== 'null' && Number.isNaN(Number(text)) && !/^\s|\s$|[="\\]/.test(text)
}

/** With fewer explanations in the baseline only the largest drift of a slice could be seen. */
const leastOfSlice = 1000

/** The values that are frequent enough, as many as can be watched; both the most frequent first. */
export function chooseParts(parts: Parts): { readonly chosen: readonly Part[]; readonly leftOut: readonly Part[] } {
  const all = [...parts]
    .flatMap(([feature, byValue]) =>
      Array.from(byValue, ([equals, rows]) => ({ name: nameSlice(feature, equals), feature, equals, rows })),
    )
    .toSorted((one, other) => other.rows.length - one.rows.length)
  const frequent = all.filter(({ rows }) => rows.length >= leastOfSlice).length
  const most = Math.min(frequent, mostSlices)
  return { chosen: all.slice(0, most), leftOut: all.slice(most) }
}

const limits = `a slice needs ${count(leastOfSlice)} explanations of one value, and ${mostSlices} slices are the most`

/** Of each feature there must be a slice in some baseline. Throws SLICE_UNKNOWN. */
export function refuseUnknown(file: string, sliceBy: readonly string[], baselines: readonly KeyedBaseline[]): void {
  for (const wanted of sliceBy) {
    if (baselines.some(({ slices }) => slices.some(({ feature }) => feature === wanted))) continue
    const known = new Set(baselines.flatMap(({ example }) => valuedFeatures(example!.contributions)))
    throw new CliError(
      'SLICE_UNKNOWN',
      known.has(wanted)
        ? `${file} has no slice of ${wanted}: ${limits}; name a feature of few values`
        : `${file} has no feature ${wanted}: --slice takes one of ${[...known].join(', ')}`,
    )
  }
}

/** A sentence about what is watched beside all explanations; none where that is nothing. Names are as the file has them. */
export function tellSlices({ slices }: KeyedBaseline): string[] {
  return tellNames(
    'slices',
    slices.map(({ name, baseline }) => [name, baseline.reference.explanations]),
  )
}

const mostTold = 5

/** The same about what `--slice` asks for in vain. */
export function tellLeftOut({ leftOut }: KeyedBaseline): string[] {
  const told = leftOut.slice(0, mostTold)
  const more = leftOut.length > mostTold ? ` and ${amountOf(leftOut.length - mostTold, 'more value')}` : ''
  return tellNames(
    'left out of the slices',
    told.map(({ name, rows }) => [name, rows.length]),
  ).map((said) => `${said}${more}; ${limits}`)
}

function tellNames(what: string, named: readonly (readonly [name: string, explanations: number])[]): string[] {
  if (named.length === 0) return []
  const told = named.map(
    ([name, explanations], k) => `${name} (${count(explanations)}${k === 0 ? ' explanations of the baseline' : ''})`,
  )
  return [`${what}: ${told.join(', ')}`]
}
