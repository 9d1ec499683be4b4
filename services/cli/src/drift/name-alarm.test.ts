import { describe, expect, it } from 'vitest'
import { episodesOf } from './name-alarm.ts'
import type { RaisedAlarm } from './watch.ts'

function alarm(since: number, window: number, feature = 'age'): RaisedAlarm {
  const lead = { feature, slice: '', statistic: 'share', direction: 'up', evidence: 3000, since } as const
  const lines = { since: 1, first: 1, last: 1 }
  return { window, since, evidence: 3000, features: [lead], named: [], counts: Uint32Array.of(), lines }
}

const told = (...alarms: RaisedAlarm[]) =>
  episodesOf({ alarms }).map(({ first, last, alarms }) => [first.window, last, alarms])

describe('alarms that are told together', () => {
  it('are those of every window', () => {
    expect(told(alarm(3, 3), alarm(4, 4), alarm(5, 5))).toEqual([[3, 5, 3]])
  })

  it('are those of a drift that needs some windows to be seen again', () => {
    expect(told(alarm(2, 4), alarm(5, 7), alarm(8, 9))).toEqual([[4, 9, 3]])
  })

  it('are not those after a calm, or of another feature', () => {
    expect(told(alarm(2, 4), alarm(6, 7), alarm(8, 8, 'income'))).toEqual([
      [4, 4, 1],
      [7, 7, 1],
      [8, 8, 1],
    ])
  })
})
