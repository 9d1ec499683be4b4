import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'

/** Where a batch begins and ends in a request; its length stands in the four bytes before it. */
export interface BatchPlace {
  readonly start: number
  readonly end: number
}

/** Bytes of a batch before its records. */
export const batchHead = 61
/** In a batch: its length, its checksum, and what the checksum is of, which begins with its attributes. */
const [lengthAt, checksumAt, attributesAt] = [8, 17, 21]
/** The codec's number. */
export const zstd = 4

/**
 * A request with the records of each batch compressed: its head stays, with another length, codec and checksum. Writes into `request`
 * too. Contract: Kafka protocol, "Record Batch" with magic 2.
 */
export async function compressBatches(request: Buffer, batches: readonly BatchPlace[]): Promise<Buffer> {
  const records = await Promise.all(batches.map(({ start, end }) => compress(request.subarray(start + batchHead, end))))
  const parts: Buffer[] = []
  let copied = 0
  batches.forEach(({ start, end }, k) => {
    const batch = Buffer.concat([request.subarray(start, start + batchHead), records[k]!])
    batch.writeInt32BE(batch.length - lengthAt - 4, lengthAt)
    batch.writeInt16BE(batch.readInt16BE(attributesAt) | zstd, attributesAt)
    batch.writeUInt32BE(crc32c(batch.subarray(attributesAt)), checksumAt)
    request.writeInt32BE(batch.length, start - 4)
    parts.push(request.subarray(copied, start), batch)
    copied = end
  })
  return Buffer.concat([...parts, request.subarray(copied)])
}

/**
 * The quickest level makes explanations five times smaller; the next ones little more, for twice the time. Within 128 kB, a core's
 * cache, they are all alike. In one piece, where Node's 16 kB at a time would go back and forth between its threads for each.
 */
const compress = (records: Buffer): Promise<Buffer> =>
  promisify(zstdCompress)(records, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 },
    chunkSize: Math.max(constants.Z_MIN_CHUNK, records.length >> 1),
  })

/** What is compressed is written into the same megabytes again: V8 looks through the whole heap for every 64 MB taken beside it. */
const scratches: Buffer[] = []
const mostScratches = 4

/** At least so many bytes, with anything in them; to be given back. */
export function takeScratch(size: number): Buffer {
  const fitting = scratches.findIndex(({ length }) => length >= size)
  return fitting < 0 ? Buffer.allocUnsafeSlow(size) : scratches.splice(fitting, 1)[0]!
}

export function giveBack(scratch: Buffer): void {
  if (scratches.unshift(scratch) > mostScratches) scratches.pop()
}
