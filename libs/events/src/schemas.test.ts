import { describe, expect, test } from 'vitest'
import { schemaText } from './schemas.ts'
import { topicNames, type TopicKey } from './topics.ts'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
  readonly doc?: string
}
interface Named {
  readonly type: string
  readonly name: string
  readonly fields?: readonly Field[]
}

const topics = Object.keys(topicNames) as TopicKey[]

describe.each(topics)('the schema of %s', (topic) => {
  const definitions = definitionsIn(JSON.parse(schemaText(topic)))
  const fields = definitions.flatMap(({ name, fields = [] }) => fields.map((field) => ({ record: name, ...field })))

  test('tells the reader of the topic what every field is', () => {
    expect(fields.length).toBeGreaterThan(5)
    expect(fields.filter(({ doc }) => doc === undefined || doc.length < 5)).toEqual([])
  })

  test('gives every field a default, so that it may come and go', () => {
    expect(fields.filter((field) => !('default' in field))).toEqual([])
  })

  test('writes codes as strings: an old reader fails on the new symbol of an enum', () => {
    expect(definitions.filter(({ type }) => type !== 'record')).toEqual([])
  })

  test('begins every union with null, and makes null its default', () => {
    const unions = fields.filter(({ type }) => Array.isArray(type))
    expect(unions.filter((union) => (union.type as unknown[])[0] !== 'null' || union.default !== null)).toEqual([])
  })
})

test('no two schemas define a record of the same name', () => {
  const names = topics.flatMap((topic) => definitionsIn(JSON.parse(schemaText(topic))).map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
})

/** Records, enums and fixed types, wherever they are nested. */
function definitionsIn(schema: unknown): Named[] {
  if (Array.isArray(schema)) return schema.flatMap(definitionsIn)
  if (typeof schema !== 'object' || schema === null) return []
  const { type, name, fields = [], items, values } = schema as Named & { items?: unknown; values?: unknown }
  const inside = [items, values, ...fields.map((field) => field.type)].flatMap(definitionsIn)
  return name !== undefined ? [{ type, name, fields }, ...inside] : inside
}
