import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import type { Type } from 'avsc'
import { LRUCache } from 'lru-cache'
import { EventError } from './event-error.ts'
import { fetchSchema } from './registry.ts'
import { parseSchema } from './schemas.ts'

/** Reads a body that was written with one schema. */
export type ReadBody = (body: Buffer) => unknown

/** An id that the registry does not know is not asked for again for a while: a flood of bad records must not become a flood of requests. */
const unknownForMs = 30_000
const mostSchemas = 1000

type Entry = { readonly read: ReadBody } | { readonly refusal: EventError }

/** How to read what other versions of a schema wrote: each resolved once, the same question asked once at a time. */
export interface WriterSchemas {
  /** At once where the id is known, else a promise. Throws EventError SCHEMA_UNKNOWN, SCHEMA_INCOMPATIBLE or REGISTRY_UNAVAILABLE. */
  find(id: number): ReadBody | Promise<ReadBody>
}

export function openWriterSchemas(client: SchemaRegistry, reader: Type): WriterSchemas {
  const cache = new LRUCache<number, Entry>({
    max: mostSchemas,
    fetchMethod: async (id, _, { options }) => {
      const entry = await resolve(client, reader, id)
      if ('refusal' in entry) options.ttl = unknownForMs
      return entry
    },
  })
  const readOf = (entry: Entry | undefined): ReadBody => {
    if (entry !== undefined && 'read' in entry) return entry.read
    throw entry?.refusal ?? new EventError('REGISTRY_UNAVAILABLE', 'the registry was not asked to the end: try again')
  }
  return {
    find(id) {
      const known = cache.get(id)
      return known === undefined ? cache.fetch(id).then(readOf) : readOf(known)
    },
  }
}

async function resolve(client: SchemaRegistry, reader: Type, id: number): Promise<Entry> {
  try {
    const writer = parseSchema(await fetchSchema(client, id))
    const resolver = reader.createResolver(writer)
    return { read: (body) => reader.fromBuffer(body, resolver) as unknown }
  } catch (cause) {
    if (cause instanceof EventError && cause.code !== 'SCHEMA_UNKNOWN') throw cause
    return { refusal: cause instanceof EventError ? cause : incompatible(id, reader, cause as Error) }
  }
}

function incompatible(id: number, reader: Type, cause: Error): EventError {
  return new EventError('SCHEMA_INCOMPATIBLE', `schema ${id} cannot be read as ${reader.name}: ${cause.message}`, {
    cause,
  })
}
