import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { OutputRecord } from '../processor.ts'
import type { TopicPartition } from '../kafka-port.ts'

/** What a partition's work has to remember: values by key. What is set or deleted is written with the batch that did it. */
export interface PartitionState {
  get(key: string): Buffer | undefined
  set(key: string, value: Buffer): void
  delete(key: string): void
  /** In the order of the keys' characters. */
  keys(): string[]
}

export interface ChangingState extends PartitionState {
  /** The records of a compacted topic that make what was changed since the last call durable. */
  takeChanges(place: TopicPartition): OutputRecord[]
}

/** `values`: as `takeChanges` has written them. */
export function openState(values: ReadonlyMap<string, Buffer>): ChangingState {
  const state = new Map(Array.from(values, ([key, value]) => [key, unpack(value)]))
  const changed = new Set<string>()
  /** Keys that the topic has values of: of the others nothing need be deleted there. */
  const written = new Set(values.keys())
  return {
    get: (key) => state.get(key),
    set(key, value) {
      state.set(key, value)
      changed.add(key)
    },
    delete(key) {
      if (state.delete(key)) changed.add(key)
    },
    keys: () => [...state.keys()].sort(),
    takeChanges({ topic, partition }) {
      const records: OutputRecord[] = []
      for (const key of changed) {
        const value = state.get(key)
        if (value !== undefined) records.push({ topic, partition, key, value: pack(value) })
        else if (written.has(key)) records.push({ topic, partition, key, value: null })
        if (value === undefined) written.delete(key)
        else written.add(key)
      }
      changed.clear()
      return records
    },
  }
}

/** Gzip is no longer written: zstd takes three fifths of its time for rows of doubles, and makes them smaller. */
const [plain, gzipped, zstd] = [0, 1, 2]
/** Below this many bytes compression gains nothing. */
const worthIt = 512
const quickest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function pack(value: Buffer): Buffer {
  return value.length < worthIt
    ? Buffer.concat([Buffer.of(plain), value])
    : Buffer.concat([Buffer.of(zstd), zstdCompressSync(value, quickest)])
}

function unpack(packed: Buffer): Buffer {
  const value = packed.subarray(1)
  if (packed[0] === zstd) return zstdDecompressSync(value)
  // A copy: the bytes lie in the whole answer of a fetch, which would stay with them.
  return packed[0] === gzipped ? gunzipSync(value) : Buffer.from(value)
}
