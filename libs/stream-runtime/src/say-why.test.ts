import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { KafkaPort } from './kafka-port.ts'
import { sayWhy } from './say-why.ts'
import { StreamError, type StreamErrorCode } from './stream-error.ts'

test.each([
  ['a batch that waits is told of at once, and again when half a minute is over', 'PROCESSOR_RETRY', [1, 1, 2]],
  ['what ends the run is not told of here', 'PROCESSOR_FAILED', [0, 0, 0]],
] as const)('%s', async (_, code, told) => {
  const { lines, tryAt } = await failing(code)
  for (const [k, ms] of [0, 29_999, 30_000].entries()) {
    await expect(tryAt(ms)).rejects.toMatchObject({ code })
    expect(lines).toHaveLength(told[k]!)
  }
  for (const line of lines)
    expect(line).toMatchObject({ level: 40, code, topic: 'in', partition: 3, reason: 'it is away' })
})

async function failing(code: StreamErrorCode): Promise<{ lines: object[]; tryAt(now: number): Promise<unknown> }> {
  const lines: object[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as object) })
  let time = 0
  const fail = () => Promise.reject(new StreamError(code, 'it is away'))
  const open = sayWhy(
    async () => fail,
    log,
    () => time,
  )
  const prepare = await open({ topic: 'in', partition: 3 }, {} as KafkaPort)
  return {
    lines,
    tryAt(now) {
      time = now
      return prepare([], new Map())
    },
  }
}
