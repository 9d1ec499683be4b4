/**
 * Microseconds per record of a produce request, ours beside kafkajs's own, in alternating order:
 *   node src/kafkajs/encode-produce.bench.ts [rounds]
 */
import { createRequire } from 'node:module'
import type { ProduceRequest } from './encode-produce.ts'

const rounds = Number(process.argv[2] ?? 31)
const recordCount = 1000
const theirs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce/v3/request') as (
  request: ProduceRequest,
) => { encode(): Promise<unknown> }
const { encodeProduce } = await import('./encode-produce.ts')

const messages = Array.from({ length: recordCount }, (_, k) => ({
  key: `LOAN-${k}`,
  value: Buffer.alloc(2200, k),
  timestamp: String(1_700_000_000_000 + k),
  headers: { 'raison-source': `decisions.scored/0/${k}` },
}))
const request: ProduceRequest = {
  transactionalId: 'explainer/decisions.scored/0/a',
  acks: -1,
  timeout: 30_000,
  producerId: '4711',
  topicData: [{ topic: 'decisions.explained', partitions: [{ partition: 0, messages }] }],
}
const sides = [() => encodeProduce(request, 0), () => theirs(request).encode()]
const times: [number[], number[]] = [[], []]
for (let round = -5; round < rounds; round++)
  for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
    const begin = performance.now()
    await sides[side]!()
    if (round >= 0) times[side].push(((performance.now() - begin) * 1000) / recordCount)
  }
const [our, their] = times.map(middle) as [number, number]
const ratio = middle(times[0].map((time, k) => times[1][k]! / time))
process.stdout.write(
  `2.2 kB a record: ${our.toFixed(2)} µs, kafkajs ${their.toFixed(2)} µs; ${ratio.toFixed(1)} times as fast\n`,
)

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
