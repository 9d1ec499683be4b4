import type { Type } from 'avsc'
import { LRUCache, type Perf } from 'lru-cache'
import { EventError } from './event-error.ts'
import { fetchSchema, type RegistryConfig } from './registry.ts'
import { parseSchema } from './schemas.ts'

/** Reads an Avro body from `offset` to the end of the bytes. Throws where it ends before or after. */
export type ReadBody = (bytes: Buffer, offset: number) => unknown

/** An id that the registry does not know is not asked for again for a while: a flood of bad records must not become a flood of requests. */
export const refusedForMs = 30_000
const mostSchemas = 1000

type Resolved = ReadBody | EventError

/** How to read what other versions of a schema wrote: each resolved once, the same question asked once at a time. */
export interface WriterSchemas {
  /** At once where the id is known, else a promise. Throws EventError SCHEMA_UNKNOWN, SCHEMA_INCOMPATIBLE or the registry's. */
  find(id: number): ReadBody | Promise<ReadBody>
}

/** An empty cache of `reader`'s resolvers; `readOwn`, where given, reads what that schema itself wrote; `clock` times how long a refusal is remembered. */
export function openWriterSchemas(
  registry: RegistryConfig,
  reader: Type,
  readOwn?: ReadBody,
  clock: Perf = performance,
): WriterSchemas {
  const cache = new LRUCache<number, Resolved>({
    max: mostSchemas,
    perf: clock,
    ttlResolution: 0,
    fetchMethod: async (id, _, { options }) => {
      const resolved = await resolve(registry, reader, id, readOwn)
      if (resolved instanceof EventError) options.ttl = refusedForMs
      return resolved
    },
  })
  return {
    find(id) {
      const known = cache.get(id)
      return known === undefined ? cache.forceFetch(id).then(readerOf) : readerOf(known)
    },
  }
}

function readerOf(resolved: Resolved): ReadBody {
  if (resolved instanceof EventError) throw resolved
  return resolved
}

/** A schema that will never serve is an answer, to be remembered; a registry that is away is thrown, and asked again. */
async function resolve(
  registry: RegistryConfig,
  reader: Type,
  id: number,
  readOwn: ReadBody | undefined,
): Promise<Resolved> {
  try {
    const writerText = await fetchSchema(registry, id)
    const readAny = readWith(reader, writerText, id)
    return readOwn !== undefined && isSame(reader, writerText) ? readOwn : readAny
  } catch (error) {
    const isAnswer = error instanceof EventError && error.code.startsWith('SCHEMA_')
    if (!isAnswer) throw error
    return error
  }
}

/** In the canonical form that Avro's specification gives: what docs and defaults say makes no other bytes. */
function isSame(reader: Type, writerText: string): boolean {
  return reader.fingerprint('sha256').equals(parseSchema(writerText).fingerprint('sha256'))
}

/** Throws EventError SCHEMA_INCOMPATIBLE where what the writer's schema says cannot be read as ours. */
export function readWith(reader: Type, writerText: string, id: number): ReadBody {
  const resolver = resolverOf(reader, writerText, id)
  return (bytes, begin) => {
    const { value, offset } = reader.decode(bytes, begin, resolver) as { value: unknown; offset: number }
    if (offset < 0) throw new Error('the bytes end before the value does')
    if (offset < bytes.length) throw new Error(`${bytes.length - offset} bytes are left over`)
    return value
  }
}

function resolverOf(reader: Type, writerText: string, id: number): ReturnType<Type['createResolver']> {
  try {
    return reader.createResolver(parseSchema(writerText))
  } catch (cause) {
    throw new EventError(
      'SCHEMA_INCOMPATIBLE',
      `schema ${id} cannot be read as ${reader.name}: ${(cause as Error).message}`,
      { cause },
    )
  }
}
