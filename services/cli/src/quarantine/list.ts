import { amountOf } from '../amount-of.ts'
import { printable } from '../printable.ts'
import { openQuarantine } from './cluster.ts'
import { readQuarantine, type Filter, type Quarantined } from './quarantined.ts'
import type { Replayed } from './replayed.ts'

export interface ListOptions extends Filter {
  readonly topic?: string
  readonly limit?: number
  readonly summary?: boolean
  readonly json?: boolean
}

/** Prints the quarantine: a line per record, or how many there are of each kind. */
export async function list({ topic, limit = Infinity, summary, json, ...filter }: ListOptions): Promise<void> {
  const counts = new Map<string, number>()
  let found = 0
  await readQuarantine(
    await openQuarantine(topic, process.env),
    filter,
    (record) => {
      found++
      const kind = `${record.code} (${record.stage})`
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      if (summary !== true && found <= limit) console.log(json ? JSON.stringify(describe(record)) : toLine(record))
    },
    (position, error) => console.error(`${position}  unreadable: ${printable(error.message)}`),
  )
  if (summary === true && json) console.log(JSON.stringify(Object.fromEntries(counts)))
  else if (summary === true) counts.forEach((n, kind) => console.log(`${n}  ${printable(kind)}`))
  if (found === 0) console.error('note: nothing in the quarantine matches')
  else if (summary !== true)
    console.error(`${amountOf(found, 'record')}${found > limit ? `, of which ${limit} are shown` : ''}`)
}

/** Without values of features: what is listed goes to terminals and tickets. */
export interface Described {
  readonly position: string
  readonly source: string
  readonly key: string | undefined
  readonly code: string
  readonly stage: string
  readonly message: string
  readonly firstSeen: string
  /** Of the value. */
  readonly bytes: number
  readonly replayOf: string | undefined
  readonly replayed: Replayed | undefined
}

export function describe({ key, value, ...record }: Quarantined): Described {
  const { position, source, code, stage, message, firstSeen, replayOf, replayed } = record
  const bytes = value?.length ?? 0
  return { position, source, key: key?.toString(), code, stage, message, firstSeen, bytes, replayOf, replayed }
}

function toLine(record: Quarantined): string {
  const { position, source, key = '', code, stage, message, replayOf, replayed } = describe(record)
  const notes = [replayOf && `replay of ${replayOf}`, replayed && `replayed ${replayed.at}`].filter(Boolean)
  return printable([position, source, key, code, stage, message, ...notes].join('  '))
}
