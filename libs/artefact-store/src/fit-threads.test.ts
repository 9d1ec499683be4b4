import { fitCosine } from '@raison/surrogate'
import { fitTrees } from '@raison/trees'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFitThreads, type FitProgress, type FitThreads } from './fit-threads.ts'

const rowCount = 400
const featureCount = 3
const rows = Float32Array.from({ length: rowCount * featureCount }, (_, i) => Math.sin(i * 1.7))
const targets = Float64Array.from({ length: rowCount }, (_, k) => rows[3 * k]! * rows[3 * k + 1]! + rows[3 * k + 2]!)
const data = { rows, rowCount, featureCount, targets }
const cosine = { seed: 1, units: 16, epochs: 4 }
const trees = { seed: 1, rounds: 5, leaves: 4 }

let threads: FitThreads

beforeAll(() => (threads = openFitThreads(2)))
afterAll(() => threads.close())

describe('a fit on a thread', () => {
  test('is the same as one on this thread, and tells how far it is', async () => {
    const told: FitProgress[] = []
    const [network, ensemble] = await Promise.all([
      threads.fitCosine(data, cosine, (progress) => void told.push(progress)),
      threads.fitTrees(data, trees, () => undefined),
    ])
    expect(network).toEqual(fitCosine(data, cosine))
    expect(ensemble).toEqual(fitTrees(data, trees))
    expect(told[0]).toMatchObject({ done: 1, of: 4, training: { epochsDone: 1 } })
  })

  test('resumed from an epoch ends with the same network', async () => {
    const { promise: second, resolve } = Promise.withResolvers<FitProgress>()
    const whole = await threads.fitCosine(data, cosine, (progress) => {
      if (progress.done === 2) resolve(progress)
    })
    const { training } = await second
    expect(await threads.fitCosine(data, cosine, () => undefined, training)).toEqual(whole)
  })

  test('that fails says so with a code and its cause', async () => {
    const bad = { ...data, targets: targets.map((target, k) => (k === 7 ? Number.NaN : target)) }
    const failures = [threads.fitCosine(bad, cosine, () => undefined), threads.fitTrees(bad, trees, () => undefined)]
    for (const failure of failures) {
      await expect(failure).rejects.toMatchObject({ code: 'FIT_FAILED' })
      await expect(failure).rejects.toThrow(/NaN/)
    }
  })

  test('ends with what it has when it is told to stop', async () => {
    const most = 100_000
    const reached: number[] = []
    const stop = ({ done }: FitProgress): 'stop' => {
      reached.push(done)
      return 'stop'
    }
    await threads.fitTrees(data, { ...trees, rounds: most }, stop)
    await threads.fitCosine(data, { ...cosine, epochs: most }, stop)
    expect(Math.max(...reached)).toBeLessThan(most)
  })

  test('that is under way when the threads are closed fails with a code, begun or not', async () => {
    const closing = openFitThreads(1)
    const begun = Promise.withResolvers<void>()
    const endless = { ...trees, rounds: 100_000 }
    const fits = [0, 1, 2].map(() => closing.fitTrees(data, endless, () => begun.resolve()))
    const failed = Promise.all(fits.map((fit) => expect(fit).rejects.toMatchObject({ code: 'FIT_FAILED' })))
    await begun.promise
    await closing.close()
    await failed
  })
})
