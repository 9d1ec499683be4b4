import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { runProcessor } from './run-processor.ts'
import {
  copyProcessor,
  createStream,
  feed,
  readCommitted,
  silent,
  until,
  valuesOf,
  type Stream,
} from './testing/stream-fixture.ts'

const brokers = inject('kafkaBrokers').split(',')
const children: ChildProcess[] = []
afterAll(() => children.forEach((child) => child.kill('SIGKILL')))

test.concurrent('kill -9 in the middle of a transaction and a restart lose and double nothing', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 700, 1)
  const child = await startUntilStalled(stream)
  child.kill('SIGKILL')
  await once(child, 'exit')

  const restarted = runProcessor(copyProcessor(stream), stream.port(), { logger: silent })
  await until(() => restarted.health().partitions[0]?.position === '700')
  await restarted.stop()
  await expectEachOnce(stream, 700)
})

test.concurrent('a zombie that wakes up before its commit is fenced, and its outputs are never visible', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 700, 1)
  const zombie = await startUntilStalled(stream)
  zombie.kill('SIGSTOP')

  const heir = runProcessor(copyProcessor(stream), stream.port(), { logger: silent })
  await until(() => heir.health().partitions[0]?.position === '700')
  zombie.kill('SIGCONT')
  zombie.stdin!.write('go on with the commit\n')
  await feed(stream, 700, 900, 1)
  await until(() => heir.metrics().processed >= 800)
  await expectEachOnce(stream, 900)
  await heir.stop()
})

/**
 * At the second commit of the child: one transaction of 100 is committed, two are in the log undecided, of both its ids. What is left is one
 * transaction for the heir, of its first id: only fencing decides about the second.
 */
async function startUntilStalled({ config, output, quarantine }: Stream): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./testing/stalling-child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify({ config, output, quarantine, stallAt: 2 })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout!, 'data')
  return child
}

async function expectEachOnce(stream: Stream, count: number): Promise<void> {
  const values = valuesOf(await readCommitted(brokers, stream.output, count))
  expect(values).toEqual(Array.from({ length: count }, (_, i) => String(i)))
}
