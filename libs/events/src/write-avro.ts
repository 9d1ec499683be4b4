import type { Type } from 'avsc'

// Avro's binary encoding (specification 1.12, "Binary Encoding"), written in one pass into slices of a pool. A pool is filled
// once and then left to its slices, so they stay valid and are never written again (but keep their pool alive).
const poolBytes = 65_536
const headerBytes = 5
/** Of a varint of 64 bits. */
const longestVarint = 10

let pool = Buffer.allocUnsafeSlow(poolBytes)
let view = viewOf(pool)
let begin = 0
let end = 0

/** What `write` writes of the event, after the framing of Confluent's serialisers: magic byte 0, then the schema's id in four bytes. */
export function writeFramed<T>(schemaId: number, write: (event: T) => void, event: T): Buffer {
  begin = end
  makeRoom(headerBytes)
  view.setUint8(end, 0)
  view.setInt32(end + 1, schemaId)
  end += headerBytes
  write(event)
  return pool.subarray(begin, end)
}

/** As avsc writes it. */
export function writeByType(type: Type, value: unknown): void {
  let stop = type.encode(value, pool, end)
  if (stop < 0) {
    // avsc answers how many bytes are missing, as a negative number.
    makeRoom(pool.length - end - stop)
    stop = type.encode(value, pool, end)
  }
  end = stop
}

/** Zigzag varints take one byte below 2⁶, and two below 2¹³. */
const longestOfOne = 63
const longestOfTwo = 8191

/** A text, its length before it: written where it will stand if that length takes as many bytes as its characters promise. */
export function writeText(text: string): void {
  makeRoom(longestVarint + 3 * text.length)
  const longest = text.length <= longestOfOne ? longestOfOne : longestOfTwo
  const start = end + (longest === longestOfOne ? 1 : 2)
  const size = pool.write(text, start)
  if (size > longest) {
    writeLong(size)
    end += pool.write(text, end)
    return
  }
  if (longest === longestOfTwo) view.setUint16(end, (((2 * size) & 0x7f) << 8) | 0x8000 | (size >> 6))
  else pool[end] = 2 * size
  end = start + size
}

const texts = new Map<string, Uint8Array>()
/** Objects are held by those who made them: what comes once is forgotten with them. */
const objects = new WeakMap<object, Uint8Array>()
const mostRemembered = 10_000
const longestRemembered = 256

/** A text that comes again and again, such as the name of a feature: its bytes are remembered. */
export function writeName(name: string): void {
  if (name.length > longestRemembered) return writeText(name)
  writeRemembered(name, writeText)
}

/** What comes again and again, as the same text or the same object, which nobody changes: its bytes are remembered. */
export function writeRemembered<T extends object | string>(value: T, write: (value: T) => void): void {
  const bytes = typeof value === 'string' ? texts.get(value) : objects.get(value)
  if (bytes === undefined) return remember(value, write)
  makeRoom(bytes.length)
  pool.set(bytes, end)
  end += bytes.length
}

function remember<T extends object | string>(value: T, write: (value: T) => void): void {
  const start = end - begin
  write(value)
  const bytes = Uint8Array.from(pool.subarray(begin + start, end))
  if (typeof value !== 'string') return void objects.set(value, bytes)
  if (texts.size >= mostRemembered) texts.clear()
  texts.set(value, bytes)
}

/** A zigzag varint: an int, a long, the count of a block, the branch of a union. */
export function writeLong(value: number): void {
  if ((value & 0x3f) === value) return writeByte(2 * value)
  if (!Number.isSafeInteger(value)) throw new TypeError('not an integer')
  makeRoom(longestVarint)
  // Halves stay exact where twice the number would not be.
  let rest = value < 0 ? -(value + 1) : value
  const sign = value < 0 ? 1 : 0
  let low = 2 * (rest % 0x40) + sign
  for (rest = Math.floor(rest / 0x40); rest > 0; rest = Math.floor(rest / 0x80)) {
    pool[end++] = low | 0x80
    low = rest % 0x80
  }
  pool[end++] = low
}

export function writeDouble(value: number): void {
  if (typeof value !== 'number') throw new TypeError('not a number')
  makeRoom(8)
  view.setFloat64(end, value, true)
  end += 8
}

export function writeBoolean(value: boolean): void {
  if (typeof value !== 'boolean') throw new TypeError('not a boolean')
  writeByte(value ? 1 : 0)
}

function writeByte(byte: number): void {
  makeRoom(1)
  pool[end++] = byte
}

/** So many bytes more can be written: in a new pool, with what this record has already, where the old one is full. */
function makeRoom(bytes: number): void {
  if (end + bytes <= pool.length) return
  const written = end - begin
  const next = Buffer.allocUnsafeSlow(Math.max(poolBytes, 2 * (written + bytes)))
  pool.copy(next, 0, begin, end)
  pool = next
  view = viewOf(next)
  begin = 0
  end = written
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
