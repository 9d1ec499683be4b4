import type { OutputRecord, RawRecord } from '../processor.ts'

/** Records on their way to another thread: their bytes lie in one buffer that moves, the rest is copied. */
export interface Packed<Fields> {
  readonly fields: readonly Fields[]
  /** Per record the length of its key and of its value; −1 for none. */
  readonly lengths: Int32Array
  readonly bytes: Uint8Array<ArrayBuffer>
}

type RawFields = Omit<RawRecord, 'key' | 'value'>
type OutputFields = Omit<OutputRecord, 'key' | 'value'>

export type PackedRecords = Packed<RawFields>
export type PackedOutputs = Packed<OutputFields>

export function packRecords(records: readonly RawRecord[]): PackedRecords {
  const fields = records.map(({ topic, partition, offset, timestamp, headers }) => ({
    topic,
    partition,
    offset,
    timestamp,
    headers: ownHeaders(headers),
  }))
  return { fields, ...packBytes(records.flatMap(({ key, value }) => [key, value])) }
}

export function unpackRecords(packed: PackedRecords): RawRecord[] {
  const next = bytesOf(packed)
  return packed.fields.map((fields) => ({ ...fields, key: next(), value: next(), headers: asBuffers(fields.headers) }))
}

export function packOutputs(outputs: readonly OutputRecord[]): PackedOutputs {
  const fields = outputs.map(({ topic, partition, timestamp, headers }) => ({
    topic,
    ...(partition !== undefined && { partition }),
    ...(timestamp !== undefined && { timestamp }),
    ...(headers && { headers: ownHeaders(headers) }),
  }))
  return { fields, ...packBytes(outputs.flatMap(({ key, value }) => [Buffer.from(key), value])) }
}

export function unpackOutputs(packed: PackedOutputs): OutputRecord[] {
  const next = bytesOf(packed)
  return packed.fields.map((fields) => ({
    ...fields,
    key: next()!,
    value: next(),
    ...(fields.headers && { headers: asBuffers(fields.headers) }),
  }))
}

function packBytes(pieces: readonly (Buffer | null)[]): Pick<Packed<never>, 'lengths' | 'bytes'> {
  const lengths = Int32Array.from(pieces, (piece) => piece?.length ?? -1)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(0, length), 0))
  let at = 0
  for (const piece of pieces) {
    if (piece === null) continue
    bytes.set(piece, at)
    at += piece.length
  }
  return { lengths, bytes }
}

/** The pieces in order, each a view into the one buffer. */
function bytesOf({ lengths, bytes }: Packed<unknown>): () => Buffer | null {
  let [piece, at] = [0, 0]
  return () => {
    const length = lengths[piece++]!
    if (length < 0) return null
    const start = bytes.byteOffset + at
    at += length
    return Buffer.from(bytes.buffer, start, length)
  }
}

/** A view into a large buffer would take that buffer along: each header gets bytes of its own. */
function ownHeaders<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  const own: Record<string, T> = {}
  for (const name in headers) {
    const value = headers[name]!
    own[name] = value instanceof Uint8Array ? (new Uint8Array(value) as T) : value
  }
  return own
}

/** Buffers arrive as plain byte arrays. */
function asBuffers<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  const buffers: Record<string, T> = {}
  for (const name in headers) {
    const value = headers[name]!
    buffers[name] = value instanceof Uint8Array ? (Buffer.from(value.buffer) as T) : value
  }
  return buffers
}
