import type { BaselineRecord } from '@raison/drift'
import type { WindowRows } from '@raison/events'
import { readJson, type Table } from '../windows/table.ts'
import { hasSameNames } from './check-rows.ts'
import { deleteGroup, headPrefix, keepGroup, newHead, openGroup, type Group, type Head } from './group.ts'
import type { EvidenceSettings } from './settings.ts'

/** What has been learned elsewhere of the explanations with this key. */
export type FindBaseline = (baselineKey: string) => BaselineRecord | undefined

/** The baselines that rows have come of, with their windows. */
export interface Groups {
  /** Opened when its first rows come. */
  of(rows: WindowRows): Group
  all(): readonly Group[]
  /** It is kept with the next `keep`. */
  change(group: Group): void
  /** What has had no rows since, unless an alarm of it stands: its model decides no more. */
  forgetBefore(time: number): void
  /** Into the table, what has changed since the last call. */
  keep(): void
}

/** Those in the table at first. */
export function openGroups(table: Table, settings: EvidenceSettings, findBaseline: FindBaseline): Groups {
  const groups = new Map<string, Group>()
  const changed = new Set<Group>()
  for (const key of table.keys())
    if (key.startsWith(headPrefix)) add(key.slice(headPrefix.length), readJson<Head>(table, key)!)

  function add(id: string, head: Head, given?: BaselineRecord): Group {
    const group = openGroup(table, settings, id, head, given)
    groups.set(id, group)
    return group
  }

  return {
    of(rows) {
      const id = `${rows.baselineKey}.${rows.settings}`
      const known = groups.get(id)
      if (known !== undefined) return known
      // Only now: the columns are in its order from here on.
      const given = givenFor(rows, findBaseline)
      return add(id, newHead(rows, given?.features ?? rows.columns), given)
    },
    all: () => [...groups.values()],
    change: (group) => void changed.add(group),
    forgetBefore(time) {
      for (const group of groups.values()) {
        if (group.head.seenAt >= time || hasAlarm(group)) continue
        groups.delete(group.id)
        changed.delete(group)
        deleteGroup(table, group)
      }
    },
    keep() {
      for (const group of changed) keepGroup(table, group)
      changed.clear()
    },
  }
}

function givenFor({ baselineKey, columns }: WindowRows, findBaseline: FindBaseline): BaselineRecord | undefined {
  const given = findBaseline(baselineKey)
  return given && hasSameNames(given.features, columns) ? given : undefined
}

function hasAlarm({ watches }: Group): boolean {
  return watches.some(({ watch }) => watch.alarm().open !== undefined)
}
