import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { outputOf } from './direct-network.test-data.ts'
import type { CosineTraining } from './cosine-trainer.ts'
import { fitCosine, type CosineData, type CosineProgress } from './fit-cosine.ts'
import { prepareCosine } from './prepare-cosine.ts'
import { randomRows, singlePlayers } from './random-network.test-data.ts'

const featureCount = 4
const options = { units: 64, epochs: 3, batch: 64, seed: 7 }

describe('fitting a cosine network', () => {
  it('explains more than 99 % of the variance of a smooth function on rows it never saw', () => {
    const network = fitCosine(smoothData(1, 12_000), { units: 128, epochs: 8, batch: 128, seed: 1 })
    const unseen = smoothData(2, 1000)
    const background = { rows: unseen.rows.subarray(0, featureCount), rowCount: 1 }
    const outputs = new Float64Array(1000)
    prepareCosine(network, background, singlePlayers(featureCount)).outputsInto(unseen.rows, 1000, outputs)
    expect(shareExplained(outputs, unseen.targets)).toBeGreaterThan(0.99)
  })

  it('learns what a missing value means', () => {
    const rows = randomRows(createRandom(3), 4000, 1, 0.5)
    const targets = Float64Array.from(rows, (value) => (Number.isNaN(value) ? 3 : Math.tanh(value)))
    const network = fitCosine({ rows, rowCount: 4000, featureCount: 1, targets }, { ...options, epochs: 12 })
    expect(outputOf(network, Float32Array.of(NaN))).toBeCloseTo(3, 1)
    expect(outputOf(network, Float32Array.of(0))).toBeCloseTo(0, 1)
  })

  it('gives the same bytes for the same seed and others for another', () => {
    const data = smoothData(1, 600)
    const first = fitCosine(data, options)
    expect(fitCosine(data, options)).toEqual(first)
    expect(fitCosine(data, { ...options, seed: 8 }).weights).not.toEqual(first.weights)
  })

  it('goes on from any epoch to the same bytes', () => {
    const data = smoothData(1, 600)
    const kept: CosineTraining[] = []
    const whole = fitCosine(data, options, { onEpoch: (progress) => void kept.push(progress.takeTraining()) })
    expect(kept.map(({ epochsDone }) => epochsDone)).toEqual([1, 2, 3])
    for (const resume of kept) expect(fitCosine(data, options, { resume })).toEqual(whole)
  })

  it('brings the loss down from epoch to epoch', () => {
    const seen: CosineProgress[] = []
    fitCosine(smoothData(1, 4000), { ...options, batch: 32 }, { onEpoch: (progress) => void seen.push(progress) })
    expect(seen[2]!.loss).toBeLessThan(seen[0]!.loss / 2)
  })

  it('answers a constant with that constant, and fits features that never vary and few rows', () => {
    const rows = Float32Array.of(1, 2, 1, 3, 1, 4, 1, 5, 1, 6)
    const network = fitCosine({ rows, rowCount: 5, featureCount: 2, targets: new Float64Array(5).fill(2.5) }, options)
    expect(outputOf(network, Float32Array.of(7, 9))).toBe(2.5)
    const line = fitCosine({ rows, rowCount: 5, featureCount: 2, targets: Float64Array.of(2, 3, 4, 5, 6) }, options)
    expect(outputOf(line, Float32Array.of(1, 4))).toBeCloseTo(4, 0)
  })

  it('refuses data that do not fit together, naming what is wrong', () => {
    const rows = new Float32Array(20)
    const targets = new Float64Array(10)
    const refuse = (data: Partial<CosineData>, message: string): void =>
      expect(() => fitCosine({ rows, targets, rowCount: 10, featureCount: 2, ...data }, options)).toThrow(message)
    refuse({ rowCount: 3 }, 'at least 4 rows')
    refuse({ featureCount: 3 }, '10 rows of 3 features')
    refuse({ targets: targets.with(3, NaN) }, 'target 3 is NaN')
    const resume = { epochsDone: 1, ...emptyTraining(5) }
    expect(() => fitCosine(smoothData(1, 100), options, { resume })).toThrow('5 parameters')
  })
})

function smoothData(seed: number, rowCount: number): CosineData {
  const rows = randomRows(createRandom(seed), rowCount, featureCount)
  const targets = Float64Array.from({ length: rowCount }, (_, r) => {
    const [a, b, c, d] = rows.subarray(r * featureCount, (r + 1) * featureCount)
    return Math.sin(a! + b!) + 0.5 * c! * Math.tanh(d!) + c!
  })
  return { rows, rowCount, featureCount, targets }
}

function shareExplained(outputs: Float64Array, targets: ArrayLike<number>): number {
  const mean = outputs.reduce((sum, _, i) => sum + targets[i]! / outputs.length, 0)
  let error = 0
  let variance = 0
  outputs.forEach((output, i) => {
    error += (output - targets[i]!) ** 2
    variance += (targets[i]! - mean) ** 2
  })
  return 1 - error / variance
}

function emptyTraining(count: number): Omit<CosineTraining, 'epochsDone'> {
  const zeros = new Float32Array(count)
  return { parameters: zeros, firstMoments: zeros, secondMoments: zeros }
}
