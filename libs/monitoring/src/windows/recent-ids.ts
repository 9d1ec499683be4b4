import { hashOf } from './hash-of.ts'
import { padded, type Table } from './table.ts'

/** Ids that have been counted and may come again. */
export interface RecentIds {
  /** False when it is known already. Forgets what is older than `forgetBefore` first; times of decidedAt, in milliseconds. */
  add(id: string, decidedAt: number, forgetBefore: number): boolean
  /** Keeps what was added since the last call. */
  keep(): void
}

/** Ids that came one after the other: 48 bits of each one's hash. Its bounds follow from the ids alone, not from batches. */
interface Block {
  readonly key: string
  until: number
  readonly hashes: number[]
}

const prefix = 'ids/'
const hashBytes = 6
const blockSize = 1000

/** At most `most` ids, and those of the newest block. */
export function openRecentIds(table: Table, most: number): RecentIds {
  const blocks = table
    .keys()
    .filter((key) => key.startsWith(prefix))
    .map((key) => readBlock(key, table.get(key)!))
  const known = new Set(blocks.flatMap(({ hashes }) => hashes))
  let next = blocks.length === 0 ? 0 : Number(blocks.at(-1)!.key.slice(prefix.length)) + 1
  const changed = new Set<Block>()

  function forget(): void {
    const block = blocks.shift()!
    table.delete(block.key)
    changed.delete(block)
    for (const one of block.hashes) known.delete(one)
  }

  function newest(): Block {
    const last = blocks.at(-1)
    if (last !== undefined && last.hashes.length < blockSize) return last
    const block = { key: prefix + padded(next++), until: -Infinity, hashes: [] }
    blocks.push(block)
    return block
  }

  return {
    add(id, decidedAt, forgetBefore) {
      while (blocks.length > 1 && (blocks[0]!.until < forgetBefore || known.size >= most)) forget()
      const one = hashOf(id)
      if (known.has(one)) return false
      known.add(one)
      const block = newest()
      block.hashes.push(one)
      block.until = Math.max(block.until, decidedAt)
      changed.add(block)
      return true
    },
    keep() {
      for (const block of changed) table.set(block.key, writeBlock(block))
      changed.clear()
    },
  }
}

function writeBlock({ until, hashes }: Block): Buffer {
  const bytes = Buffer.allocUnsafe(8 + hashes.length * hashBytes)
  bytes.writeDoubleLE(until)
  hashes.forEach((one, i) => bytes.writeUIntBE(one, 8 + i * hashBytes, hashBytes))
  return bytes
}

function readBlock(key: string, bytes: Buffer): Block {
  const count = (bytes.length - 8) / hashBytes
  const hashes = Array.from({ length: count }, (_, i) => bytes.readUIntBE(8 + i * hashBytes, hashBytes))
  return { key, until: bytes.readDoubleLE(), hashes }
}
