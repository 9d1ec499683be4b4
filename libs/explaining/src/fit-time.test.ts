import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { fitBundle, type FitReport } from './fit-bundle.ts'
import { startTime, timesIn } from './fit-time.ts'
import { spread, tanhNet, writeBundle } from './small-nets.test-data.ts'

test('time left until a share runs out, and stays 0; what was spent before belongs to no share', () => {
  let now = 7_000
  const time = startTime(12, 5_000, () => now)
  now += 3_000
  expect([time.spent(), time.until(0.5), time.until(1)]).toEqual([5, 2, 7])
  now += 9_000
  expect([time.until(0.5), time.until(1)]).toEqual([0, 0])
})

test('what takes no time can be done as often as one likes, but in no time not once', () => {
  expect([timesIn(6, 2), timesIn(6, 0), timesIn(0, 0)]).toEqual([3, Infinity, 0])
})

test('a fit keeps to its time by a clock on which everything is slow, and every stage has its part', async () => {
  const { seconds, hybrids, candidates } = await fit(1, 500)
  expect(seconds).toBeLessThanOrEqual(60)
  expect(hybrids).toBeGreaterThan(20_000)
  expect(candidates).toHaveLength(3)
})

test('a fit whose time is over at once does the least of everything', async () => {
  const { hybrids, candidates, fidelity } = await fit(1, 60_000)
  expect(hybrids).toBe(2_000)
  expect(candidates.map(({ kind }) => kind).toSorted()).toEqual(['cosine', 'cosine+trees', 'trees'])
  expect(fidelity).toBeGreaterThan(0)
})

/** `step`: milliseconds that pass from one look at the clock to the next. */
async function fit(maxMinutes: number, step: number): Promise<FitReport> {
  const featureCount = 11
  const reference = spread(featureCount * 60, 2)
  const directory = await writeBundle({ model: tanhNet(featureCount, 4, 0.4), reference, featureCount })
  onTestFinished(() => rm(directory, { recursive: true }))
  let now = 0
  return fitBundle(directory, { maxMinutes, now: () => (now += step) })
}
