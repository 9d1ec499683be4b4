import { readFileSync } from 'node:fs'
import avro from 'avsc'
import { BoundedArray, BoundedMap } from './bounded-types.ts'
import type { TopicKey } from './topics.ts'

/** The file of each topic's schema. */
const files: Readonly<Record<TopicKey, string>> = {
  decisions: 'scored-decision',
  explained: 'decision-explanation',
  quarantined: 'quarantined-record',
  windows: 'monitor-input',
  drift: 'drift-signal',
}

/** The public schema of a topic, as JSON text; the layout of its file does not matter. */
export function schemaText(topic: TopicKey): string {
  const file = new URL(`../../../schemas/${files[topic]}.avsc`, import.meta.url)
  return JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))
}

/** The public schema of a topic, ready to encode and decode. */
export function schemaType(topic: TopicKey): avro.Type {
  return parseSchema(schemaText(topic))
}

/** Records are plain fields, unions plain values: null, 1.5, "text". Throws where the text is no Avro schema. */
export function parseSchema(text: string): avro.Type {
  const schema = JSON.parse(text) as avro.Schema
  return avro.Type.forSchema(schema, { omitRecordMethods: true, typeHook: ourTypes })
}

function ourTypes(schema: avro.Schema, options: unknown): avro.Type | undefined {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : schema
  if (kind === 'array') return new BoundedArray(schema, options)
  if (kind === 'map') return new BoundedMap(schema, options)
  return undefined
}
