import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeData, encodeData } from './plain-data.ts'

const seed = 11
const leaf = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0), // JSON has no −0
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.float64Array(),
  fc.float32Array(),
  fc.int32Array(),
  fc.uint8Array(),
)
const name = fc.string().filter((key) => key !== '__proto__' && key !== '$array')
const data = fc.dictionary(name, fc.oneof(leaf, fc.array(leaf), fc.dictionary(name, leaf)), { noNullPrototype: true })

describe('plain data', () => {
  test('comes back from its bytes as it was, whatever address they lie at', () => {
    fc.assert(
      fc.property(data, fc.nat(9), (value, shift) => {
        const bytes = encodeData(value)
        const moved = Buffer.alloc(bytes.length + shift) // as files are read; its `slice` is no copy
        moved.set(bytes, shift)
        expect(decodeData(moved.subarray(shift))).toEqual(value)
      }),
      { seed },
    )
  })

  test('gives the same bytes every time', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(encodeData(structuredClone(value))).toEqual(encodeData(value))
      }),
      { seed },
    )
  })

  test('keeps NaN, infinities and −0 of a typed array', () => {
    const numbers = Float64Array.of(Number.NaN, Infinity, -Infinity, -0)
    const { back } = decodeData(encodeData({ back: numbers })) as { back: Float64Array }
    expect([...back].map((value, i) => Object.is(value, numbers[i]))).toEqual([true, true, true, true])
  })

  test('leaves out what is undefined', () => {
    expect(decodeData(encodeData({ trees: undefined, kept: 1 }))).toEqual({ kept: 1 })
  })

  test('that is cut short anywhere is refused with a code', () => {
    const bytes = encodeData({ weights: Float64Array.of(1, 2, 3), name: 'net' })
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeData(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'ARTEFACT_UNREADABLE' }),
      )
  })

  test('of another program is refused with a code', () => {
    const strangers = ['', '<html>404</html>', '{"surrogate":{}}'].map((text) => new TextEncoder().encode(text))
    for (const bytes of [...strangers, new Uint8Array(64)])
      expect(() => decodeData(bytes)).toThrow(expect.objectContaining({ code: 'ARTEFACT_UNREADABLE' }))
  })
})
