import type { RawRecord } from '@raison/stream-runtime'
import { describe, expect, test } from 'vitest'
import { createProcessor, type Codecs } from './processor.ts'

describe('createProcessor', () => {
  test('quarantines a record whose timestamp is no time, without passing it on', async () => {
    const processor = processorWith()
    const record = { ...anyRecord, timestamp: '1795384110579000000' }
    const error = await Promise.resolve()
      .then(() => processor.decode(record))
      .catch((reason: unknown) => reason)
    expect(processor.isPoison(error)).toBe(true)
    expect(processor.toQuarantine(record, 'decode', error).timestamp).toBeUndefined()
  })

  test('keeps a header without value when it quarantines', () => {
    const headers = { trace: null } as unknown as RawRecord['headers']
    const { value } = processorWith().toQuarantine(
      { ...anyRecord, headers },
      'decode',
      Object.assign(new Error('x'), { code: 'X' }),
    )
    expect(JSON.parse(value!.toString())).toMatchObject({ headers: { trace: { data: [] } } })
  })

  test('takes an error without a code of ours for a bug', () => {
    const ofTheSystem = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    expect(processorWith().isPoison(ofTheSystem)).toBe(false)
    expect(processorWith().isPoison(new TypeError('undefined is not a function'))).toBe(false)
  })
})

const anyRecord: RawRecord = {
  topic: 'decisions.scored',
  partition: 0,
  offset: '7',
  timestamp: '1795384110579',
  key: null,
  value: Buffer.from('x'),
  headers: {},
}

/** The codec's part is not in question here: JSON shows what it is given. */
const codecs: Codecs = {
  decodeDecision: () => ({
    eventId: 'e',
    decisionId: 'd',
    decidedAt: '',
    model: { name: 'm', version: '1' },
    features: {},
    score: undefined,
    outcome: undefined,
  }),
  encodeExplanation: (explanation) => Buffer.from(JSON.stringify(explanation)),
  encodeQuarantined: (record) => Buffer.from(JSON.stringify(record)),
}

function processorWith(): ReturnType<typeof createProcessor> {
  const shelf = {
    find: () => undefined,
    models: () => [],
    during: <T>(work: () => Promise<T>) => work(),
    refresh: async () => undefined,
    close: async () => undefined,
  }
  return createProcessor({
    codecs,
    shelf,
    topics: { explained: 'e', quarantined: 'q' },
    contributions: 'all',
    holdSeconds: 0,
    now: () => 0,
  })
}
