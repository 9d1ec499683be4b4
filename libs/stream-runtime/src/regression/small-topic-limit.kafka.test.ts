import { expect, inject, onTestFinished, test } from 'vitest'
import { runProcessor } from '../run-processor.ts'
import { copyProcessor, createStream, feed, readCommitted, silent } from '../testing/stream-fixture.ts'

// A topic's limit is one of record batches: a hundred records below it were sent as one batch above it, and refused for ever.
test('outputs that each fit into their topic are written, however many of them there are', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const stream = await createStream(brokers, 1, 1500)
  await feed(stream, 0, 100, 1, (i) => `${i} `.padEnd(600, 'x'))
  const run = runProcessor(copyProcessor(stream), stream.port(), { logger: silent, maxBatch: 100 })
  onTestFinished(() => run.stop())
  const records = await readCommitted(brokers, stream.output, 100)
  expect(records.map(({ value }) => Number.parseInt(value!.toString()))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  )
})
