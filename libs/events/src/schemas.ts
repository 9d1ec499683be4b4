import { readFileSync } from 'node:fs'
import avro from 'avsc'
import type { topicNames } from './topics.ts'

/** The file of each topic's schema. */
const files: Readonly<Record<keyof typeof topicNames, string>> = {
  decisions: 'scored-decision',
  explained: 'decision-explanation',
  quarantined: 'quarantined-record',
  importance: 'importance-window',
  drift: 'drift-signal',
}

/** The public schema of a topic, as JSON text. */
export function schemaText(topic: keyof typeof topicNames): string {
  return readFileSync(new URL(`../../../schemas/${files[topic]}.avsc`, import.meta.url), 'utf8')
}

/** The public schema of a topic, ready to encode and decode. */
export function schemaType(topic: keyof typeof topicNames): avro.Type {
  return parseSchema(schemaText(topic))
}

/** Unions are read as plain values: null, 1.5, "text". */
export function parseSchema(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text) as avro.Schema, { wrapUnions: false })
}
