import type { OutputRecord, RawRecord } from '../processor.ts'

/**
 * Records on their way to another thread. Their bytes lie in one buffer that moves; the rest is copied in columns, because a
 * clone of objects writes and reads the names of their properties again for each.
 */
export interface Packed {
  readonly topics: readonly string[]
  readonly partitions: readonly (number | undefined)[]
  /** None of outputs. */
  readonly offsets: readonly string[]
  readonly timestamps: readonly (string | undefined)[]
  /** Names; the records that have the same ones share them. */
  readonly headers: readonly (readonly string[] | undefined)[]
  /** Per record, one after the other: of its key, its value, and the value of each header; −1 for none. */
  readonly lengths: Int32Array
  readonly bytes: Uint8Array<ArrayBuffer>
}

type Piece = Buffer | string | null | undefined

export function packRecords(records: readonly RawRecord[]): Packed {
  return { ...pack(records), offsets: records.map(({ offset }) => offset) }
}

/** Values of headers become bytes. */
export function unpackRecords({ topics, partitions, offsets, timestamps, headers, ...packed }: Packed): RawRecord[] {
  const next = readerOf(packed)
  return topics.map((topic, i) => ({
    topic,
    partition: partitions[i]!,
    offset: offsets[i]!,
    timestamp: timestamps[i]!,
    key: next(),
    value: next(),
    headers: readHeaders<Buffer | undefined>(headers[i]!, next),
  }))
}

export function packOutputs(outputs: readonly OutputRecord[]): Packed {
  return { ...pack(outputs), offsets: [] }
}

/** Keys and the values of headers become bytes. */
export function unpackOutputs({ topics, partitions, timestamps, headers, ...packed }: Packed): OutputRecord[] {
  const next = readerOf(packed)
  return topics.map((topic, i) => {
    const [partition, timestamp, names] = [partitions[i], timestamps[i], headers[i]]
    return {
      topic,
      key: next()!,
      value: next(),
      ...(partition !== undefined && { partition }),
      ...(timestamp !== undefined && { timestamp }),
      ...(names && { headers: readHeaders<Buffer>(names, next) }),
    }
  })
}

function pack(records: readonly (RawRecord | OutputRecord)[]): Omit<Packed, 'offsets'> {
  const pieces: Piece[] = []
  const names: (readonly string[] | undefined)[] = []
  let shared: readonly string[] = []
  for (const { key, value, headers } of records) {
    pieces.push(key, value)
    const own = headers && Object.keys(headers)
    if (own !== undefined && !isSame(own, shared)) shared = own
    names.push(own && shared)
    for (const name in headers) pieces.push(headers[name])
  }
  return {
    topics: records.map(({ topic }) => topic),
    partitions: records.map(({ partition }) => partition),
    timestamps: records.map(({ timestamp }) => timestamp),
    headers: names,
    ...joinBytes(pieces),
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => name === others[i])
}

function joinBytes(pieces: readonly Piece[]): Pick<Packed, 'lengths' | 'bytes'> {
  const lengths = new Int32Array(pieces.length)
  let size = 0
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]
    lengths[i] = piece === null || piece === undefined ? -1 : Buffer.byteLength(piece)
    size += Math.max(0, lengths[i]!)
  }
  // All of it is written below: zeros would cost as much as the copy. It is no slice of a pool, for it moves.
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const piece of pieces) {
    if (piece === null || piece === undefined) continue
    at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at)
  }
  return { lengths, bytes }
}

/** The pieces in order, each a view into the one buffer. */
function readerOf({ lengths, bytes }: Pick<Packed, 'lengths' | 'bytes'>): () => Buffer | null {
  let [piece, at] = [0, 0]
  return () => {
    const length = lengths[piece++]!
    if (length < 0) return null
    const start = bytes.byteOffset + at
    at += length
    return Buffer.from(bytes.buffer, start, length)
  }
}

function readHeaders<Value extends Buffer | undefined>(
  names: readonly string[],
  next: () => Buffer | null,
): Record<string, Value> {
  const headers: Record<string, Value> = {}
  for (const name of names) headers[name] = next() as Value
  return headers
}
