import type { Type } from 'avsc'
import { EventError } from './event-error.ts'
import { writeByType, writeFramed } from './write-avro.ts'
import type { ReadBody } from './writer-schemas.ts'

/** Magic byte 0, then the schema's id in four bytes, big-endian: the framing of Confluent's serialisers. */
const headerBytes = 5

/** The framed bytes of a value, written by `write`. Throws TypeError where the value is not of the type: a bug. */
export function frame<T>(schemaId: number, type: Type, value: T, write: (value: T) => void = byType(type)): Buffer {
  try {
    return writeFramed(schemaId, write, value)
  } catch {
    throw new TypeError(`${type.name} cannot be encoded: ${faultOf(type, value)}`)
  }
}

function byType(type: Type): (value: unknown) => void {
  return (value) => writeByType(type, value)
}

/** The schema id of framed bytes. Throws EventError EVENT_NOT_AVRO. */
export function schemaIdOf(bytes: Buffer | null): number {
  if (bytes === null) throw notAvro('the record has no value: write an event, a tombstone is none')
  if (bytes.length < headerBytes || bytes[0] !== 0)
    throw notAvro(
      `the value (${bytes.length} bytes) does not begin with the byte 0 and a schema id: serialise it with a schema registry client`,
    )
  return bytes.readInt32BE(1)
}

/** The value in framed bytes, all of which must be used. Throws EventError EVENT_NOT_AVRO. */
export function unframe(bytes: Buffer, read: ReadBody): unknown {
  try {
    return read(bytes, headerBytes)
  } catch (cause) {
    throw notAvro(`the value cannot be read with schema ${bytes.readInt32BE(1)}: ${(cause as Error).message}`, cause)
  }
}

/** The field at fault, without its value: values are personal. */
function faultOf(type: Type, value: unknown): string {
  let fault = 'a value is not of its type'
  type.isValid(value, {
    errorHook: (path, found, wanted) => {
      fault = `${path.join('.')} is a ${typeof found}, not ${wanted.toString()}`
    },
  })
  return fault
}

function notAvro(message: string, cause?: unknown): EventError {
  return new EventError('EVENT_NOT_AVRO', message, { cause })
}
