import { hash } from 'node:crypto'
import { padded, type Table } from './table.ts'

/** Ids that have been counted and may come again. */
export interface RecentIds {
  /** False when it is known already. */
  add(id: string): boolean
  /** Keeps what was added since the last call; `until`: the latest decidedAt among it, in milliseconds. */
  keep(until: number): void
  /** Forgets what is older than this. */
  forgetBefore(time: number): void
}

/** What one batch added: 48 bits of each id's hash. */
interface Chunk {
  readonly key: string
  readonly until: number
  readonly hashes: readonly number[]
}

const prefix = 'ids/'
const hashBytes = 6

/** At most `most` ids, and the last batch whole. */
export function openRecentIds(table: Table, most: number): RecentIds {
  const chunks = table
    .keys()
    .filter((key) => key.startsWith(prefix))
    .map((key) => readChunk(key, table.get(key)!))
  const known = new Set(chunks.flatMap(({ hashes }) => hashes))
  let added: number[] = []
  let next = chunks.length === 0 ? 0 : Number(chunks.at(-1)!.key.slice(prefix.length)) + 1

  function forget(): void {
    const { key, hashes } = chunks.shift()!
    table.delete(key)
    for (const one of hashes) known.delete(one)
  }

  return {
    add(id) {
      const one = hash('sha1', id, 'buffer').readUIntBE(0, hashBytes)
      if (known.has(one)) return false
      known.add(one)
      added.push(one)
      return true
    },
    keep(until) {
      if (added.length === 0) return
      const chunk = { key: prefix + padded(next++), until, hashes: added }
      added = []
      chunks.push(chunk)
      table.set(chunk.key, writeChunk(chunk))
      while (known.size > most && chunks.length > 1) forget()
    },
    forgetBefore(time) {
      while (chunks.length > 0 && chunks[0]!.until < time) forget()
    },
  }
}

function writeChunk({ until, hashes }: Chunk): Buffer {
  const bytes = Buffer.allocUnsafe(8 + hashes.length * hashBytes)
  bytes.writeDoubleLE(until)
  hashes.forEach((one, i) => bytes.writeUIntBE(one, 8 + i * hashBytes, hashBytes))
  return bytes
}

function readChunk(key: string, bytes: Buffer): Chunk {
  const count = (bytes.length - 8) / hashBytes
  const hashes = Array.from({ length: count }, (_, i) => bytes.readUIntBE(8 + i * hashBytes, hashBytes))
  return { key, until: bytes.readDoubleLE(), hashes }
}
