import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { KafkaPort } from './kafka-port.ts'
import { workPartition, type PartitionWork } from './partition-worker.ts'
import type { RawRecord } from './processor.ts'
import { prepareWith, type PrepareBatch } from './prepare-batch.ts'
import { newRunStatus } from './run-status.ts'
import { StreamError } from './stream-error.ts'
import { copyProcessor, silent } from './testing/stream-fixture.ts'

test('the commit of a transaction waits for the answer to the one before it, while its outputs are already written', async () => {
  const kafka = scriptedKafka(3)
  const done = workPartition(workOn(kafka))
  await settle()
  expect(kafka.steps).toEqual(['open', 'produce 1', 'position 1', 'commit 1', 'produce 2', 'position 2'])
  kafka.commits[0]!.resolve()
  await settle()
  expect(kafka.steps.slice(6)).toEqual(['commit 2', 'produce 3', 'position 3'])
  kafka.commits[1]!.resolve()
  await settle()
  kafka.commits[2]!.resolve()
  kafka.stop.abort()
  await done
  expect(kafka.steps.slice(9)).toEqual(['commit 3', 'close'])
})

test('a batch is in work until its own commit is answered, and is told of then', async () => {
  const kafka = scriptedKafka(2)
  const told: (readonly [string, number])[] = []
  const work = {
    ...workOn(kafka),
    onCommitted: ({ records, quarantined }) => told.push([records[0]!.offset, quarantined]),
  } satisfies PartitionWork
  const done = workPartition(work)
  await settle()
  kafka.commits[0]!.resolve()
  await settle()
  expect([work.status.inWork, told]).toEqual([{ next: '2', since: 0 }, [['0', 0]]])
  kafka.commits[1]!.resolve()
  await settle()
  expect([work.status.inWork, told]).toEqual([
    undefined,
    [
      ['0', 0],
      ['1', 0],
    ],
  ])
  kafka.stop.abort()
  await done
})

test('after a commit that failed the next one is never sent: the partition is taken anew once the group has confirmed', async () => {
  const kafka = scriptedKafka(2)
  const done = workPartition(workOn(kafka))
  await settle()
  kafka.commits[0]!.reject(new StreamError('KAFKA_TROUBLE', 'answer lost'))
  await settle()
  expect(kafka.steps.slice(4)).toEqual(['produce 2', 'position 2', 'close', 'confirm', 'open'])
  kafka.stop.abort()
  await done
  expect(kafka.steps).not.toContain('commit 2')
})

test('a batch whose commit failed is not told of, nor the one that was prepared behind it', async () => {
  const kafka = scriptedKafka(3)
  const told: string[] = []
  const prepare: PrepareBatch = async ([record]) => {
    const onCommitted = (): void => void told.push(record!.offset)
    return { outputs: [], quarantined: 0, quarantinedByCode: new Map(), onCommitted }
  }
  const done = workPartition({ ...workOn(kafka), open: async () => prepare })
  await settle()
  kafka.commits[0]!.resolve()
  await settle()
  kafka.commits[1]!.reject(new StreamError('KAFKA_TROUBLE', 'fenced'))
  await settle()
  kafka.stop.abort()
  await done
  expect(told).toEqual(['0'])
})

test('a commit that fails while no further record comes is noticed at once', async () => {
  const kafka = scriptedKafka(1)
  const done = workPartition(workOn(kafka))
  await settle()
  kafka.commits[0]!.reject(new StreamError('KAFKA_TROUBLE', 'fenced'))
  await settle()
  expect(kafka.steps.slice(3)).toEqual(['commit 1', 'close', 'confirm', 'open'])
  kafka.stop.abort()
  await done
})

test('a generation that ends while a batch is processed begins no transaction, one that ends while it is written commits none', async () => {
  const processing = scriptedKafka(1)
  const processor = {
    ...copyProcessor(topics),
    process: async () => (processing.revoke.abort(), [{ ok: true, value: 'x' }] as const),
  }
  await workPartition({ ...workOn(processing), open: async () => prepareWith(processor) })
  expect(processing.steps).toEqual(['open', 'close'])

  const writing = scriptedKafka(1, (step) => step === 'position 1' && writing.revoke.abort())
  await workPartition(workOn(writing))
  expect(writing.steps).toEqual(['open', 'produce 1', 'position 1', 'close'])
})

test.concurrent('a right that was missing to take the partition is missing until it is taken', async () => {
  const kafka = scriptedKafka(0, refuseOnce('open'))
  const work = workOn(kafka)
  const done = workPartition(work)
  await settle()
  expect(work.status.refused).toMatchObject({ message: 'open is not allowed' })
  await vi.waitUntil(() => work.status.stage === 'waiting', 10_000)
  expect(work.status.refused).toBeUndefined()
  kafka.stop.abort()
  await done
})

test.concurrent('a right that was missing to write is missing until a batch is committed', async () => {
  const kafka = scriptedKafka(3, refuseOnce('produce 1'))
  const work = workOn(kafka)
  const done = workPartition(work)
  await vi.waitUntil(() => kafka.steps.includes('commit 2'), 10_000)
  expect(work.status.refused).toMatchObject({ message: 'produce 1 is not allowed' })
  kafka.commits[1]!.resolve()
  await settle()
  expect(work.status.refused).toBeUndefined()
  kafka.stop.abort()
  await done
})

const topics = { output: 'out', quarantine: 'quarantine' }
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn()
}

function refuseOnce(refused: string): (step: string) => void {
  let left = 1
  return (step) => {
    if (step === refused && left-- > 0) throw new StreamError('RIGHT_MISSING', `${step} is not allowed`)
  }
}

type ScriptedKafka = ReturnType<typeof scriptedKafka>

/** A port that writes down every step and leaves the answers of the commits to the test; `batches` batches of one record come. */
function scriptedKafka(batches: number, onStep: (step: string) => unknown = () => undefined) {
  const steps: string[] = []
  const commits = Array.from({ length: batches }, () => Promise.withResolvers<void>())
  const stop = new AbortController()
  const revoke = new AbortController()
  const take = (step: string): void => {
    steps.push(step)
    onStep(step)
  }
  let polled = 0
  let begun = 0
  const port: Pick<KafkaPort, 'open' | 'confirmMembership' | 'recordLimits'> = {
    async open() {
      take('open')
      return {
        position: '0',
        async poll(_max, signal) {
          if (polled < batches) return { records: [recordAt(polled++)], next: String(polled), lag: 0 }
          if (!signal.aborted) await once(signal, 'abort')
          return undefined
        },
        async begin() {
          const name = ++begun
          return {
            produce: async () => take(`produce ${name}`),
            commitPosition: async (next) => take(`position ${next}`),
            commit: () => (take(`commit ${name}`), commits[name - 1]!.promise),
          }
        },
        close: async () => take('close'),
      }
    },
    confirmMembership: async () => take('confirm'),
    recordLimits: () =>
      new Map([
        ['out', Infinity],
        ['quarantine', Infinity],
      ]),
  }
  return { port: port as KafkaPort, steps, commits, stop, revoke }
}

function workOn({ port, stop, revoke }: ScriptedKafka): PartitionWork {
  return {
    open: async () => prepareWith(copyProcessor(topics)),
    kafka: port,
    logger: silent,
    status: { topic: 'in', partition: 0, stage: 'opening', position: undefined, lag: undefined, lastProgress: 0 },
    metrics: newRunStatus(0).metrics,
    maxBatch: 10,
    now: () => 0,
    revoked: revoke.signal,
    ending: AbortSignal.any([revoke.signal, stop.signal]),
  }
}

function recordAt(offset: number): RawRecord {
  const value = Buffer.from('x')
  return { topic: 'in', partition: 0, offset: String(offset), timestamp: '0', key: value, value, headers: {} }
}
