import { padded, type Table } from '../windows/table.ts'
import { joinParts, readPart, writePart, type WholeWindow, type WindowPart } from './window-part.ts'

/** What the windows of a baseline hold until they close, by window. */
export type OpenWindows = Map<number, OpenPart[]>

interface OpenPart {
  readonly key: string
  readonly part: WindowPart
  isKept: boolean
}

/** `id`: of the baseline, in the table. */
export function readOpenWindows(table: Table, id: string): OpenWindows {
  const prefix = prefixOf(id)
  const kept = table.keys().filter((key) => key.startsWith(prefix))
  const parts = kept.map((key) => ({ key, part: readPart(table.get(key)!), isKept: true }))
  return Map.groupBy(parts, ({ key }) => Number(key.slice(prefix.length).split('/')[0]))
}

export function holdPart(open: OpenWindows, id: string, window: number, part: WindowPart): void {
  const parts = open.get(window) ?? []
  const key = `${prefixOf(id)}${padded(window)}/${padded(part.partition)}/${padded(parts.length)}`
  open.set(window, [...parts, { key, part, isKept: false }])
}

/** Into the table, what it has not yet. */
export function keepOpenWindows(table: Table, open: OpenWindows): void {
  for (const part of [...open.values()].flat()) {
    if (!part.isKept) table.set(part.key, writePart(part.part))
    part.isKept = true
  }
}

/** A window that is open; it is held no longer. */
export function takeWindow(table: Table, open: OpenWindows, window: number): WholeWindow {
  const parts = open.get(window)!
  open.delete(window)
  for (const { key } of parts) table.delete(key)
  return joinParts(parts.map(({ part }) => part))
}

function prefixOf(id: string): string {
  return `open/${id}/`
}
