import type { Type } from 'avsc'
import { EventError } from './event-error.ts'

/** Magic byte 0, then the schema's id in four bytes, big-endian: the framing of Confluent's serialisers. */
const headerBytes = 5

/** One buffer for every encoder: encoding is synchronous, and the bytes are copied out before the next begins. */
let pool = Buffer.allocUnsafeSlow(65_536)

/** The framed bytes of a value, in a buffer of their own. */
export function frame(schemaId: number, type: Type, value: unknown): Buffer {
  let end = type.encode(value, pool, headerBytes)
  if (end < 0) {
    // avsc answers how many bytes are missing, as a negative number.
    pool = Buffer.allocUnsafeSlow(2 * (pool.length - end))
    end = type.encode(value, pool, headerBytes)
  }
  pool.writeUInt8(0, 0)
  pool.writeInt32BE(schemaId, 1)
  return Buffer.from(pool.subarray(0, end))
}

/** The schema id of framed bytes. Throws EventError EVENT_NOT_AVRO. */
export function schemaIdOf(bytes: Buffer | null): number {
  if (bytes === null) throw notAvro('the record has no value: send one, a deleted decision has nothing to explain')
  if (bytes.length < headerBytes || bytes[0] !== 0)
    throw notAvro(
      `the value (${bytes.length} bytes) does not begin with the byte 0 and a schema id: serialise it with a schema registry client`,
    )
  return bytes.readInt32BE(1)
}

/** The value in framed bytes, all of which must be used. Throws EventError EVENT_NOT_AVRO. */
export function unframe(bytes: Buffer, read: (body: Buffer) => unknown): unknown {
  try {
    return read(bytes.subarray(headerBytes))
  } catch (cause) {
    throw notAvro(`the value cannot be read with schema ${bytes.readInt32BE(1)}: ${(cause as Error).message}`, cause)
  }
}

function notAvro(message: string, cause?: unknown): EventError {
  return new EventError('EVENT_NOT_AVRO', message, { cause })
}
