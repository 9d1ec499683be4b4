import avro from 'avsc'
import { Entries } from './entries.ts'

// avsc believes the item count that it reads: nine wrong bytes make it allocate or loop without end. The two types below
// check each count against the bytes that are left, and stop at the end of the buffer. They override avsc's inner protocol
// (`_read`, `_skip`), so its version is pinned; bounded-types.test.ts tells when an upgrade changes it.

interface Tap {
  pos: number
  readonly buf: Buffer
  readLong(): number
  readString(): string
  skipLong(): void
  skipString(): void
}
interface Reader {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

/** An array that no input can make costlier than its own length. */
export class BoundedArray extends avro.types.ArrayType {
  // `this` may be the type or a resolver into it: both name their items alike.
  _read(this: { itemsType: unknown }, tap: Tap): unknown[] {
    const items: unknown[] = []
    const type = this.itemsType as Reader
    for (let left = itemCount(tap); left > 0; left = itemCount(tap))
      for (; left > 0; left--) {
        items.push(type._read(tap))
        requireInside(tap)
      }
    return items
  }

  _skip(tap: Tap): void {
    skipItems(tap, this.itemsType, () => {})
  }
}

/** A map likewise. */
export class BoundedMap extends avro.types.MapType {
  _read(this: { valuesType: unknown }, tap: Tap): Record<string, unknown> {
    const entries = new Entries<unknown>()
    const type = this.valuesType as Reader
    let place = 0
    for (let left = itemCount(tap); left > 0; left = itemCount(tap))
      for (; left > 0; left--) {
        const key = readKey(tap, place++)
        entries[key] = type._read(tap)
        requireInside(tap)
      }
    return entries
  }

  _skip(tap: Tap): void {
    skipItems(tap, this.valuesType, () => tap.skipString())
  }
}

function skipItems(tap: Tap, type: unknown, skipKey: () => void): void {
  for (let left = itemCount(tap); left > 0; left = itemCount(tap))
    for (; left > 0; left--) {
      skipKey()
      ;(type as Reader)._skip(tap)
      requireInside(tap)
    }
}

/** Items in the block that begins here; 0 at the end. Negative counts are followed by the block's length in bytes. */
function itemCount(tap: Tap): number {
  const count = tap.readLong()
  if (count < 0) tap.skipLong()
  const left = tap.buf.length - tap.pos
  if (!(Math.abs(count) <= left)) throw new Error(`a block of ${Math.abs(count)} items in ${Math.max(left, 0)} bytes`)
  return Math.abs(count)
}

function requireInside(tap: Tap): void {
  if (!(tap.pos <= tap.buf.length)) throw new Error('the bytes end before the value does')
}

/** The key last read at each place of a map, and its bytes with their length before them. */
const lastKeys: { readonly key: string; readonly bytes: Uint8Array }[] = []
const mostKeys = 1000
const longestKey = 256

/** A producer names the same features in the same order: comparing bytes is cheaper than making the text again. */
function readKey(tap: Tap, place: number): string {
  const last = lastKeys[place]
  if (last !== undefined && begins(tap, last.bytes)) {
    tap.pos += last.bytes.length
    return last.key
  }
  const { pos } = tap
  const key = tap.readString()
  if (place < mostKeys && tap.pos - pos <= longestKey && tap.pos <= tap.buf.length)
    lastKeys[place] = { key, bytes: Uint8Array.from(tap.buf.subarray(pos, tap.pos)) }
  return key
}

/** Beyond the end of the buffer there is nothing that is equal. */
function begins({ buf, pos }: Tap, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (buf[pos + i] !== bytes[i]) return false
  return true
}
