import { expect, test } from 'vitest'
import { prepareWith } from './prepare-batch.ts'
import type { Processor, RawRecord } from './processor.ts'
import { copyProcessor } from './testing/stream-fixture.ts'

const processor = copyProcessor({ output: 'out', quarantine: 'quarantine' })
const noLimit = new Map([
  ['out', Infinity],
  ['quarantine', Infinity],
])
const records = (values: readonly string[]): RawRecord[] =>
  values.map((value, i) => ({
    topic: 'in',
    partition: 3,
    offset: String(40 + i),
    timestamp: '0',
    key: Buffer.from('k'),
    value: Buffer.from(value),
    headers: {},
  }))

test('every record has one output at its own place, whatever stage it failed in', async () => {
  const failing: Processor<string, string> = {
    ...processor,
    process: async (events) =>
      events.map((value) => (value === 'b' ? { ok: false, error: new SyntaxError('b') } : { ok: true, value })),
    encode(value, source) {
      if (value === 'c') throw new SyntaxError('c')
      return processor.encode(value, source)
    },
  }
  const { outputs, quarantined, quarantinedByCode } = await prepareWith(failing)(
    records(['poison', 'a', 'b', 'c', 'd']),
    noLimit,
  )
  expect(outputs.map(({ topic, value, headers }) => [topic, value!.toString(), headers?.['stage']])).toEqual([
    ['quarantine', 'poison', 'decode'],
    ['out', 'a', undefined],
    ['quarantine', 'b', 'process'],
    ['quarantine', 'c', 'encode'],
    ['out', 'd', undefined],
  ])
  expect(quarantined).toBe(3)
  expect(quarantinedByCode).toEqual(new Map([['SyntaxError', 3]]))
})

test('a batch of several parts comes out whole and in its order, its quarantine counted over all of them', async () => {
  const values = Array.from({ length: 700 }, (_, i) => (i % 300 === 299 ? 'poison' : `record ${i}`))
  const { outputs, quarantined } = await prepareWith(processor)(records(values), noLimit)
  expect(outputs.map(({ value }) => value!.toString())).toEqual(values)
  expect(quarantined).toBe(2)
})

test('a failure that is no poison names the place of its record and not its content', async () => {
  const failing = { ...processor, isPoison: () => false }
  const failure = prepareWith(failing)(records(['a', 'poison']), noLimit)
  await expect(failure).rejects.toMatchObject({ code: 'PROCESSOR_FAILED', cause: expect.any(SyntaxError) })
  await expect(failure).rejects.toThrow(/^decode failed at in-3 offset 41 \(SyntaxError\); the position is kept/)
})

test('a failure that may pass is about no record, and is said in full', async () => {
  const away = { ...processor, isPoison: () => false, isRetryable: (error: unknown) => error instanceof RangeError }
  const decode = (): never => {
    throw new RangeError('the registry is away')
  }
  const failure = prepareWith({ ...away, decode })(records(['a']), noLimit)
  await expect(failure).rejects.toMatchObject({ code: 'PROCESSOR_RETRY' })
  await expect(failure).rejects.toThrow(/^decode failed at in-3 offset 40 \(RangeError: the registry is away\)/)
})

test('a processor that answers for another number of events is a bug', async () => {
  const forgetful = { ...processor, process: async () => [] }
  await expect(prepareWith(forgetful)(records(['a']), noLimit)).rejects.toMatchObject({ code: 'PROCESSOR_FAILED' })
})

test('shrinking that gains nothing ends in the quarantine, and a quarantine that is too small stops the run', async () => {
  const stubborn = { ...processor, shrink: (text: string) => text }
  const prepare = (quarantineLimit: number) =>
    prepareWith(stubborn)(
      records(['four', 'sixsix']),
      new Map([
        ['out', 5],
        ['quarantine', quarantineLimit],
      ]),
    )
  expect(await prepare(100)).toMatchObject({ quarantined: 1, outputs: [{ topic: 'out' }, { topic: 'quarantine' }] })
  await expect(prepare(10)).rejects.toMatchObject({ code: 'PROCESSOR_FAILED', cause: { code: 'RECORD_TOO_LARGE' } })
})
