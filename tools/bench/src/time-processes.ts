import { setTimeout as pause } from 'node:timers/promises'
import { withProcesses, type Line, type Start } from './line-processes.ts'
import type { InputRecord } from './line-topics.ts'

export interface Timing {
  /** Records per second. */
  readonly rate: number
  /** Of a value that came out, the mean. */
  readonly bytes: number
}

/** kafkajs as it is now and then stops fetching, without a word: such a run of a copy is begun again. */
const stuckAfterMs = 60_000
const stuck: unique symbol = Symbol('stuck')

/** So many processes of a kind, from when the records can be read until all have come out. */
export async function timeProcesses(
  line: Line,
  start: Start,
  instances: number,
  name: string,
  warmUp: readonly InputRecord[],
  records: readonly InputRecord[],
  isCopy: boolean,
): Promise<Timing> {
  for (let attempt = 0; ; attempt++) {
    const timed = await timeOnce(line, start, instances, `${name}-${attempt}`, warmUp, records, isCopy)
    if (timed !== stuck) return timed
  }
}

/** For members that have just joined to fence their transactions, and to read their positions. */
export const settleMs = 1500

/** The records lie there, and become readable all at once when every process has its partitions and its code is compiled. */
async function timeOnce(
  line: Line,
  start: Start,
  instances: number,
  name: string,
  warmUp: readonly InputRecord[],
  records: readonly InputRecord[],
  isCopy: boolean,
): Promise<Timing | typeof stuck> {
  const { topics, partitions } = line
  return withProcesses(line, start, instances, name, async (input, output) => {
    await pause(settleMs)
    await (
      await topics.hold(input, partitions, warmUp)
    )()
    const consumed = async (count: number): Promise<unknown> => {
      const done = topics.consumed(output, input, partitions, count)
      return isCopy ? Promise.race([done, pause(stuckAfterMs, stuck, { ref: false })]) : done
    }
    if ((await consumed(warmUp.length)) === stuck) return stuck
    const release = await topics.hold(input, partitions, records)
    const released = Date.now()
    await release()
    const marker = partitions // the end of the first transaction takes an offset of each partition
    if ((await consumed(warmUp.length + marker + records.length)) === stuck) return stuck
    const found = (await topics.read(output)).filter(({ time }) => time >= released)
    if (found.length !== records.length) throw new Error(`${found.length} records came out for ${records.length}`)
    const last = found.reduce((latest, { time }) => Math.max(latest, time), 0)
    const bytes = found.reduce((sum, record) => sum + record.bytes, 0) / found.length
    return { rate: (1000 * records.length) / (last - released), bytes }
  })
}
