import { setTimeout as pause } from 'node:timers/promises'
import { withProcesses, type Line, type Start } from './line-processes.ts'
import type { InputRecord } from './line-topics.ts'

/** So many processes of a kind, on records that lie there. */
export interface Timed {
  readonly line: Line
  readonly start: Start
  readonly instances: number
  /** Of its topics and its group. */
  readonly name: string
  /** Before the clock starts. */
  readonly warmUp: readonly InputRecord[]
  readonly records: readonly InputRecord[]
  readonly isCopy: boolean
}

export interface Timing {
  /** Records per second. */
  readonly rate: number
  /** Of a value that came out, the mean. */
  readonly bytes: number
}

/** kafkajs as it is now and then stops fetching, without a word: such a run of a copy is begun again. */
const stuckAfterMs = 60_000
const stuck: unique symbol = Symbol('stuck')

/** From when the records can be read until all have come out. */
export async function timeProcesses(timed: Timed): Promise<Timing> {
  for (let attempt = 0; ; attempt++) {
    const timing = await timeOnce({ ...timed, name: `${timed.name}-${attempt}` })
    if (timing !== stuck) return timing
  }
}

/** For members that have just joined to fence their transactions, and to read their positions. */
export const settleMs = 1500

/** The records lie there, and become readable all at once when every process has its partitions and its code is compiled. */
async function timeOnce(timed: Timed): Promise<Timing | typeof stuck> {
  const { line, start, instances, name, warmUp, records, isCopy } = timed
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
