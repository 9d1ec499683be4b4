import { describe, expect, test } from 'vitest'
import { prepareWith } from './prepare-batch.ts'
import type { OutputRecord, RawRecord } from './processor.ts'
import { copyProcessor } from './testing/stream-fixture.ts'
import { continueTrace } from './trace-context.ts'

const traceparent = Buffer.from('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
const output: OutputRecord = { topic: 'out', key: 'k', value: Buffer.from('v'), headers: { own: 'kept' } }
const source = (headers: RawRecord['headers'], value = 'a'): RawRecord => ({
  topic: 'in',
  partition: 0,
  offset: '1',
  timestamp: '0',
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers,
})

describe('continueTrace', () => {
  test('passes the parent and the state on as they stand, beside the headers of the output', () => {
    const tracestate = Buffer.from('vendor=été')
    const { headers } = continueTrace(output, source({ traceparent, tracestate, other: 'not passed on' }))
    expect(headers).toEqual({ own: 'kept', traceparent, tracestate })
  })

  test('keeps the parent without a state that is empty or too long', () => {
    for (const tracestate of ['', 'x'.repeat(513), undefined])
      expect(continueTrace(output, source({ traceparent, tracestate })).headers).toEqual({ own: 'kept', traceparent })
  })

  test('leaves the output alone without a valid parent', () => {
    const parent = traceparent.toString()
    const malformed = [
      undefined,
      '',
      'x',
      `${parent} `,
      `${parent}\n`,
      parent.toUpperCase(),
      parent.replace('00-', 'ff-'),
      parent.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
      parent.replace('00f067aa0ba902b7', '0'.repeat(16)),
      Buffer.alloc(55, 0xff),
      null as unknown as undefined, // kafkajs's header without value
    ]
    for (const each of malformed)
      expect(continueTrace(output, source({ traceparent: each, tracestate: 'a=b' }))).toBe(output)
  })
})

test('explanation and quarantine carry the trace of their record, and its bytes count towards the limit', async () => {
  const prepare = prepareWith(copyProcessor({ output: 'out', quarantine: 'quarantine' }))
  const records = [source({ traceparent }), source({ traceparent }, 'poison'), source({})]
  const wide = new Map([
    ['out', 1000],
    ['quarantine', 1000],
  ])
  const { outputs } = await prepare(records, wide)
  expect(outputs.map(({ topic, headers }) => [topic, headers?.['traceparent']])).toEqual([
    ['out', traceparent],
    ['quarantine', traceparent],
    ['out', undefined],
  ])
  const narrow = await prepare(records, new Map([...wide, ['out', 50]]))
  expect(narrow.outputs.map(({ topic }) => topic)).toEqual(['quarantine', 'quarantine', 'out'])
})
