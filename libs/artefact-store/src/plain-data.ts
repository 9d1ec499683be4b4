import { ArtefactError } from './artefact-error.ts'

const arrayTypes = { Float64Array, Float32Array, Int32Array, Uint8Array } as const
type ArrayType = keyof typeof arrayTypes
type NumberArray = InstanceType<(typeof arrayTypes)[ArrayType]>

/** Stands for a typed array in the JSON: its place in the bytes that follow. */
interface Place {
  readonly $array: ArrayType
  readonly at: number
  readonly length: number
}

const alignment = 8

/**
 * Plain data (objects, arrays, numbers, strings, typed arrays) as bytes: the length of a JSON text in four bytes, the text,
 * then the typed arrays in little-endian order, each at a multiple of 8. The same data give the same bytes.
 */
export function encodeData(data: unknown): Uint8Array {
  const arrays: { readonly at: number; readonly bytes: Uint8Array }[] = []
  let size = 0
  const text = JSON.stringify(data, (_, value: unknown) => {
    if (!isNumberArray(value)) return value
    const place: Place = { $array: value.constructor.name as ArrayType, at: size, length: value.length }
    arrays.push({ at: size, bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) })
    size += Math.ceil(value.byteLength / alignment) * alignment
    return place
  })
  const header = new TextEncoder().encode(text)
  const start = Math.ceil((4 + header.length) / alignment) * alignment
  const bytes = new Uint8Array(start + size)
  new DataView(bytes.buffer).setUint32(0, header.length)
  bytes.set(header, 4)
  for (const array of arrays) bytes.set(array.bytes, start + array.at)
  return bytes
}

/** Throws ArtefactError ARTEFACT_UNREADABLE for bytes that `encodeData` did not write, or not to their end. */
export function decodeData(bytes: Uint8Array): unknown {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    const start = Math.ceil((4 + length) / alignment) * alignment
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length))
    return JSON.parse(text, (_, value: unknown) => (isPlace(value) ? arrayAt(bytes, start, value) : value))
  } catch (cause) {
    throw new ArtefactError('ARTEFACT_UNREADABLE', `not an artefact, or not all of it: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function isNumberArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && value.constructor.name in arrayTypes
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && '$array' in value
}

/** A copy: the bytes of the file may lie at any address, and a Buffer's own `slice` copies nothing. */
function arrayAt(bytes: Uint8Array, start: number, { $array, at, length }: Place): NumberArray {
  const Type = arrayTypes[$array]
  const end = start + at + length * Type.BYTES_PER_ELEMENT
  if (end > bytes.length) throw new RangeError(`${end} bytes are needed, there are ${bytes.length}`)
  return new Type(new Uint8Array(bytes.subarray(start + at, end)).buffer)
}
