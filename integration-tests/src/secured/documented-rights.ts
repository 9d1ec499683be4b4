import { readFileSync } from 'node:fs'
import { root } from '../run-raison.ts'

/** One line of a table of rights, for one name: `Write` on `topic` `decisions.scored`. */
export interface Right {
  readonly resource: 'topic' | 'group' | 'transactional id'
  readonly name: string
  /** All names that begin with it. */
  readonly isPrefix: boolean
  readonly operation: string
}

const noun = /^(topic|group|transactional id)s? (that begin with )?((?:`[^`]+`(?:, )?)+)/

/**
 * The rights that the table under a document's `## Rights on Kafka` gives to someone: to the explainer, to `raison quarantine show`.
 * A table without a column `who` is about one service. Throws where a line cannot be understood.
 */
export function documentedRights(file: string, who: string): Right[] {
  let named: readonly string[] = []
  const rights = rowsOf(file).flatMap((row) => {
    if (row['who']) named = actorsOf(row['who'])
    if (row['who'] !== undefined && !named.includes(who)) return []
    return rightsOf(row['on']!, row['right']!)
  })
  if (rights.length === 0) throw new Error(`${file} says nothing of the rights of ${who}`)
  return rights
}

/** Who is in the table. */
export function documentedActors(file: string): string[] {
  return [...new Set(rowsOf(file).flatMap(({ who }) => (who ? actorsOf(who) : [])))]
}

function rowsOf(file: string): Record<string, string>[] {
  const [, section = ''] = readFileSync(`${root}/docs/${file}`, 'utf8').split('## Rights on Kafka')
  const lines = section.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|'))
  const end = lines.findIndex((line, k) => k > start && !line.startsWith('|'))
  const [head = [], , ...rows] = lines.slice(start, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return rows.map((cells) => Object.fromEntries(head.map((name, k) => [name, cells[k]!])))
}

/** Of "`raison quarantine list`, `show` and `replay`" the three commands; a service's or a person's words as they are. */
function actorsOf(who: string): string[] {
  const codes = [...who.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
  if (codes.length === 0) return [who]
  const before = codes[0]!.replace(/\S+$/, '')
  return codes.map((code, k) => (k === 0 ? code : before + code))
}

function rightsOf(on: string, right: string): Right[] {
  const [, resource, begins, names] = noun.exec(on) ?? []
  if (names === undefined || !/^\w+(, \w+)*$/.test(right))
    throw new Error(`no right can be read from | ${on} | ${right} |`)
  return [...names.matchAll(/`([^`]+)`/g)].flatMap(([, name]) =>
    right.split(', ').map((operation) => ({
      resource: resource as Right['resource'],
      name: name!,
      isPrefix: begins !== undefined,
      operation,
    })),
  )
}
