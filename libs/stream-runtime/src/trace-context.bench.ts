/**
 * Nanoseconds per record of passing a trace on, with and without a trace to pass:
 *   node src/trace-context.bench.ts [records] [rounds]
 */
import { continueTrace } from './trace-context.ts'

const [records = 200_000, rounds = 15] = process.argv.slice(2).map(Number)
const traceparent = Buffer.from('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
const tracestate = Buffer.from('vendor=opaque')
const record = { topic: 'in', partition: 0, offset: '1', timestamp: '0', key: null, value: null }
const output = { topic: 'out', key: 'k', value: Buffer.alloc(0), headers: { 'raison-source': 'in/0/1' } }

const cases = { without: {}, traced: { traceparent, tracestate }, malformed: { traceparent: Buffer.alloc(55, 'x') } }
const times = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]))
let kept = 0
for (let round = -3; round < rounds; round++)
  for (const [name, headers] of Object.entries(cases)) {
    const source = { ...record, headers }
    const began = performance.now()
    for (let i = 0; i < records; i++) kept += Object.keys(continueTrace(output, source).headers!).length
    if (round >= 0) times.get(name)!.push(((performance.now() - began) * 1e6) / records)
  }
for (const [name, each] of times) {
  each.sort((a, b) => a - b)
  process.stdout.write(
    `${name}: ${Math.round(each[each.length >> 1]!)} ns per record (${Math.round(each[0]!)} to ${Math.round(each.at(-1)!)})\n`,
  )
}
process.stdout.write(`${kept} headers\n`)
