// Avro's binary encoding (specification 1.12, "Binary Encoding"), read in one pass and without objects for what is not wanted.
// No input can cost more than its own length: counts and lengths are checked against the bytes that are left.

const nothing = Buffer.alloc(0)
const viewOfNothing = viewOf(nothing)

let bytes: Buffer = nothing
let view = viewOfNothing
let at = 0
/** Of the next name among those of this record. */
let place = 0

/** What `read` reads from `offset` to the end of the bytes. Throws where it ends before or after. */
export function readWhole<T>(buffer: Buffer, offset: number, read: () => T): T {
  bytes = buffer
  view = viewOf(buffer)
  at = offset
  place = 0
  try {
    const value = read()
    requireInside()
    if (at < bytes.length) throw new Error(`${bytes.length - at} bytes are left over`)
    return value
  } finally {
    // A record is a piece of all that was fetched with it: it must not be kept until the next one comes.
    bytes = nothing
    view = viewOfNothing
  }
}

/** A zigzag varint: an int, a long, the count of a block, the branch of a union. Exact as far as numbers are. */
export function readLong(): number {
  let byte = bytes[at++]!
  const sign = byte & 1
  let value = (byte & 0x7f) >> 1
  // Beyond the end of the buffer there is no byte that goes on.
  for (let unit = 0x40; byte >= 0x80; unit *= 0x80) {
    byte = bytes[at++]!
    value += (byte & 0x7f) * unit
  }
  return sign === 1 ? -value - 1 : value
}

/** As a number that counts something: throws where it is too large to be exact. */
export function readCount(): number {
  const value = readLong()
  if (!Number.isSafeInteger(value)) throw new Error('a long that no number holds')
  return value
}

export function readDouble(): number {
  requireLeft(8)
  at += 8
  return view.getFloat64(at - 8, true)
}

export function readBoolean(): boolean {
  return (bytes[at++] ?? 0) !== 0
}

export function readText(): string {
  const length = textLength()
  at += length
  return bytes.toString('utf8', at - length, at)
}

/** The text last read at each place of a record, and its bytes with their length before them. */
const lastNames: { readonly name: string; readonly bytes: Uint8Array }[] = []
const mostNames = 1000
const longestName = 256

/** A text that records have at the same place again and again: comparing bytes is cheaper than making the text anew. */
export function readName(): string {
  const here = place++
  const last = lastNames[here]
  if (last !== undefined && begins(last.bytes)) {
    at += last.bytes.length
    return last.name
  }
  const start = at
  const name = readText()
  if (here < mostNames && at - start <= longestName)
    lastNames[here] = { name, bytes: Uint8Array.from(bytes.subarray(start, at)) }
  return name
}

/** Beyond the end of the buffer there is nothing that is equal. */
function begins(known: Uint8Array): boolean {
  for (let i = 0; i < known.length; i++) if (bytes[at + i] !== known[i]) return false
  return true
}

/** Which of so many types a union has here. */
export function readBranch(types: number): number {
  const branch = readLong()
  if (!(branch >= 0 && branch < types)) throw new Error(`a union of ${types} types has none at ${branch}`)
  return branch
}

/** Every item of an array, or every key and value of a map. */
export function readItems<T>(eachOne: (into: T) => void, into: T): void {
  for (let left = itemsOfBlock(); left > 0; left = itemsOfBlock())
    for (; left > 0; left--) {
      eachOne(into)
      requireInside()
    }
}

/** Items in the block that begins here; 0 at the end. Negative counts are followed by the block's length in bytes. */
function itemsOfBlock(): number {
  const count = readLong()
  if (count < 0) readLong()
  const left = bytes.length - at
  if (!(Math.abs(count) <= left)) throw new Error(`a block of ${Math.abs(count)} items in ${Math.max(left, 0)} bytes`)
  return Math.abs(count)
}

export function skip(count: number): void {
  at += count
}

export function skipText(): void {
  const length = textLength()
  at += length
}

function textLength(): number {
  const length = readLong()
  if (!(length >= 0)) throw new Error('a text of a length below 0')
  requireLeft(length)
  return length
}

function requireLeft(length: number): void {
  if (!(at + length <= bytes.length)) throw new Error('the bytes end before the value does')
}

function requireInside(): void {
  requireLeft(0)
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
