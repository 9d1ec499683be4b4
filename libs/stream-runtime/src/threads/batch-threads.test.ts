import { expect, onTestFinished, test } from 'vitest'
import type { RawRecord } from '../processor.ts'
import type { Fault } from '../testing/odd-thread.ts'
import { openBatchThreads, type BatchThreads } from './batch-threads.ts'

const limits = new Map([
  ['out', 100],
  ['quarantine', 100],
])

test('batches of several partitions are prepared side by side, each answered with its own outputs', async () => {
  const threads = open('none', 2)
  expect(await threads.start()).toBeUndefined()
  const batches = Array.from({ length: 20 }, (_, b) => Array.from({ length: b }, (_, i) => `${b}-${i}`))
  const prepared = await Promise.all(batches.map((values) => threads.prepare(records(values), limits)))
  expect(prepared.map(({ outputs }) => outputs.map(({ value }) => value!.toString()))).toEqual(batches)
})

test('poison is counted and set aside, and the records are still here for another try', async () => {
  const threads = open('none')
  const batch = records(['a', 'poison'])
  for (let attempt = 0; attempt < 2; attempt++) {
    const { outputs, quarantined, quarantinedByCode } = await threads.prepare(batch, limits)
    expect(quarantinedByCode).toEqual(new Map([['SyntaxError', 1]]))
    expect([outputs.map(({ topic }) => topic), quarantined]).toEqual([['out', 'quarantine'], 1])
  }
})

test('what may succeed later, and what never will, keep their codes between threads', async () => {
  const threads = open('none')
  await expect(threads.prepare(records(['later']), limits)).rejects.toMatchObject({ code: 'PROCESSOR_RETRY' })
  const oversize = threads.prepare(records(['poison'.padEnd(200, '.')]), limits)
  await expect(oversize).rejects.toMatchObject({ name: 'StreamError', code: 'PROCESSOR_FAILED' })
})

test('a processor that cannot be opened refuses the start by the name of its error', async () => {
  expect(await open('refuses').start()).toEqual({ code: 'CONFIG_INVALID', message: 'twins' })
})

test('a thread that comes later and cannot be opened fails its batch', async () => {
  await expect(open('refuses').prepare(records(['a']), limits)).rejects.toMatchObject({
    code: 'PROCESSOR_FAILED',
    message: 'CONFIG_INVALID: twins',
  })
})

test('a thread that dies while it opens fails the start, with the reason', async () => {
  await expect(open('throws on import').start()).rejects.toThrow('no such module')
  await expect(open('exits while opening').start()).rejects.toThrow('exited with code: 4')
})

test('a batch that ends its thread fails, and so ends the run', async () => {
  const threads = open('none')
  await threads.start()
  await expect(threads.prepare(records(['exit']), limits)).rejects.toMatchObject({
    code: 'PROCESSOR_FAILED',
    message: expect.stringMatching(/ended or failed .*the positions are kept/),
  })
})

test('a thread that dies between batches does not end the process: the next batch fails', async () => {
  const threads = open('none')
  await threads.prepare(records(['reject later']), limits).catch(() => undefined)
  const untilItFails = async (): Promise<never> => {
    for (;;) await threads.prepare(records(['a']), limits)
  }
  await expect(untilItFails()).rejects.toMatchObject({ code: 'PROCESSOR_FAILED', cause: { message: 'forgotten' } })
})

test('closing while a thread is still opening ends the start', async () => {
  const threads = open('never opens')
  const started = expect(threads.start()).rejects.toThrow('Terminating')
  await threads.close()
  await started
})

function open(fault: Fault, threads = 1): BatchThreads {
  const pool = openBatchThreads(new URL('../testing/odd-thread.ts', import.meta.url), { fault }, threads)
  onTestFinished(() => pool.close())
  return pool
}

function records(values: readonly string[]): RawRecord[] {
  return values.map((value, i) => ({
    topic: 'in',
    partition: 0,
    offset: String(i),
    timestamp: '0',
    key: Buffer.from('k'),
    value: Buffer.from(value),
    headers: {},
  }))
}
