import { rowWidth } from '@raison/drift'
import type { WindowRows } from '@raison/events'
import { mostContribution } from '../windows/check-explanation.ts'
import type { Head } from './group.ts'
import type { WindowPart } from './window-part.ts'

/** More than Kafka has. */
const mostPartitions = 1e6

/** Characters of an ISO time in any year: times are kept. */
const longestTime = 27

/** The topic may be written by others. */
export function isWhole(part: WindowRows): boolean {
  const { partition, partitions, kind, adverse, columns, members, decisionIds, rows, from, until } = part
  const width = rowWidth(columns.length, kind === 'quality' ? undefined : adverse)
  const isOfPartition =
    Number.isInteger(partition) && partition >= 0 && partition < Math.min(partitions, mostPartitions)
  return (
    isOfPartition &&
    columns.length > 0 &&
    Math.max(from.length, until.length) <= longestTime &&
    rows.length === 8 * width * members.length &&
    decisionIds.length === members.length
  )
}

/** What the id of the group says already, where the monitor has written it. */
export function isOfGroup({ progress, watched }: Head, { partitions, columns }: WindowRows): boolean {
  return partitions === progress.standings.length && hasSameNames(columns, watched.columns)
}

/** Of contributions; what is not known of their values is no number. */
export function isFinitePart({ values }: WindowPart, { kind, columns }: Head['watched']): boolean {
  const n = columns.length
  const width = kind === 'quality' ? n : 2 * n
  for (let row = 0; row < values.length; row += width)
    for (let at = row; at < row + n; at++) if (!(Math.abs(values[at]!) < mostContribution)) return false
  return true
}

/** In any order. */
export function hasSameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name))
}
