import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { registerSchema, registerSchemas } from './register-schemas.ts'
import { askRegistry } from './registry.ts'
import { schemaText } from './schemas.ts'
import { topicNames, type TopicKey } from './topics.ts'

interface Schema {
  readonly name: string
  readonly fields: readonly object[]
}
type Change = (schema: Schema) => object

const registry = { url: inject('schemaRegistryUrl') }
const topics = Object.keys(topicNames) as TopicKey[]

const refusedChanges: Readonly<Record<string, Change>> = {
  'a text that becomes a number': withFirst({ type: 'long', default: 0 }),
  'a text that becomes one of a list': withFirst({
    type: { type: 'enum', name: 'Code', symbols: ['A'] },
    default: 'A',
  }),
  'a text that may be null from now on': withFirst({ type: ['null', 'string'], default: null }),
  'a new field without default': (schema) => ({
    ...schema,
    fields: [...schema.fields, { name: 'added', type: 'string' }],
  }),
  'a field renamed without default': withFirst({ name: 'renamed', default: undefined }),
}
const acceptedChanges: Readonly<Record<string, Change>> = {
  'a new field with a default': (schema) => ({
    ...schema,
    fields: [...schema.fields, { name: 'added', type: ['null', 'string'], default: null }],
  }),
  'a field that goes': (schema) => ({ ...schema, fields: schema.fields.slice(1) }),
}

describe.each(topics)('once the schema of %s is registered', async (topic) => {
  const name = `${topic}-${randomUUID()}`
  const subject = `${name}-value`
  const { [topic]: id } = await registerSchemas(registry, { [topic]: name } as Record<TopicKey, string>)

  test.each(Object.keys(refusedChanges))('the registry refuses %s', async (change) => {
    const changed = changedBy(refusedChanges[change]!, topic)
    const refusal = { code: 'SCHEMA_INCOMPATIBLE', message: expect.stringContaining(subject) as string }
    await expect(registerSchema(registry, subject, changed)).rejects.toMatchObject(refusal)
    expect((await askRegistry(registry, 'GET', `/subjects/${subject}/versions`)).body).toEqual([1])
  })

  test('the same schema has the same id', async () => {
    expect(await registerSchema(registry, subject, schemaText(topic))).toBe(id)
  })
})

describe.each(topics)('the schema of %s', (topic) => {
  test.each(Object.keys(acceptedChanges))('takes %s', async (change) => {
    const subject = `${topic}-${randomUUID()}-value`
    await registerSchema(registry, subject, schemaText(topic))
    await registerSchema(registry, subject, changedBy(acceptedChanges[change]!, topic))
    expect((await askRegistry(registry, 'GET', `/subjects/${subject}/versions`)).body).toEqual([1, 2])
  })
})

test('a change must agree with every version, not with the last alone', async () => {
  const subject = `transitive-${randomUUID()}-value`
  await registerSchema(registry, subject, schemaText('decisions'))
  await registerSchema(registry, subject, changedBy(acceptedChanges['a field that goes']!, 'decisions'))
  const back = changedBy(refusedChanges['a text that becomes a number']!, 'decisions')
  await expect(registerSchema(registry, subject, back)).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
})

test('instances that start at once get the same ids, and a subject that is FULL_TRANSITIVE', async () => {
  const topic = `at-once-${randomUUID()}`
  const answers = await Promise.all(Array.from({ length: 8 }, () => registerSchemas(registry, { explained: topic })))
  expect(new Set(answers.map(({ explained }) => explained)).size).toBe(1)
  const { body } = await askRegistry(registry, 'GET', `/config/${topic}-value`)
  expect(body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
})

test('a subject that was laxer becomes FULL_TRANSITIVE', async () => {
  const path = `/config/lax-${randomUUID()}-value`
  await askRegistry(registry, 'PUT', path, { compatibility: 'BACKWARD' })
  await registerSchema(registry, path.slice('/config/'.length), schemaText('drift'))
  expect((await askRegistry(registry, 'GET', path)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' })
})

function withFirst(change: object): Change {
  return (schema) => ({ ...schema, fields: [{ ...schema.fields[0], ...change }, ...schema.fields.slice(1)] })
}

function changedBy(change: Change, topic: TopicKey): string {
  return JSON.stringify(change(JSON.parse(schemaText(topic)) as Schema))
}
