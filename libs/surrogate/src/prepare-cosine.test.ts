import { createRandom, type Random } from '@raison/numerics'
import type { Background, Players } from '@raison/shapley'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseNodes } from './choose-nodes.ts'
import { fitCosineBasis } from './cosine-basis.ts'
import type { CosineNetwork } from './cosine-network.ts'
import { bruteForceOf, hybridOf, outputOf } from './direct-network.test-data.ts'
import { loadInference, loadPlain } from './load-inference.ts'
import { exactNodeCount, prepareCosine } from './prepare-cosine.ts'
import { pairPlanOf, randomNetwork, randomRows, singlePlayers } from './random-network.test-data.ts'
import type { Surrogate } from './surrogate.ts'

const games = fc.record({
  seed: fc.integer(),
  featureCount: fc.integer({ min: 1, max: 8 }),
  unitCount: fc.integer({ min: 1, max: 12 }),
  backgroundRows: fc.integer({ min: 1, max: 6 }),
  groups: fc.integer({ min: 1, max: 8 }),
  missing: fc.constantFrom(0, 0.3),
})
const settings = { seed: 20240601, numRuns: 60 }

describe('contributions of a cosine network', () => {
  it('equal brute force for every network, grouping, background and pattern of missing values', () => {
    fc.assert(
      fc.property(games, (shape) => {
        const { network, background, players, row } = gameOf(shape)
        const values = explainOne(prepareCosine(network, background, players), row)
        expectClose(values, bruteForceOf(network, background, players, row), 1e-5)
      }),
      settings,
    )
  })

  it('add up to the output above its mean over the background, from 1 to 60 players', () => {
    for (const players of [1, 2, 3, 12, 23, 60]) {
      const random = createRandom(players)
      const network = randomNetwork(random, players, 64, 0.1)
      const background = backgroundOf(randomRows(random, 10, players, 0.1), players)
      const surrogate = prepareCosine(network, background, singlePlayers(players))
      const rows = randomRows(random, 20, players, 0.1)
      expect(additivityGap(surrogate, rows, 20)).toBeLessThan(1e-5)
    }
  })

  it('have the same bits from the kernel and from its twin in plain TypeScript', () => {
    fc.assert(
      fc.property(games, fc.integer({ min: 1, max: 4 }), (shape, nodes) => {
        const { network, background, players, row, random } = gameOf(shape)
        const plan = pairPlanOf(random, players.count, 40, background.rowCount)
        const [fast, plain] = [loadInference, loadPlain].map((load) => {
          const surrogate = prepareCosine(network, background, players, nodes, load)
          const differences = new Float64Array(plan.pairCount)
          surrogate.pairDifferencesInto(row, plan, differences)
          return [
            surrogate.baseValue,
            ...explainOne(surrogate, row),
            ...outputsOf(surrogate, background.rows, background.rowCount),
            ...differences,
          ]
        })
        expect(fast).toEqual(plain)
      }),
      settings,
    )
  })

  it('have the same bytes alone, in a batch and whatever was explained before', () => {
    const random = createRandom(5)
    const network = randomNetwork(random, 7, 40)
    const background = backgroundOf(randomRows(random, 11, 7), 7)
    const surrogate = prepareCosine(network, background, singlePlayers(7))
    const rows = randomRows(random, 21, 7, 0.1)
    const together = new Float64Array(21 * 7)
    surrogate.explainInto(rows, 21, together)
    const alone = Array.from({ length: 21 }, (_, r) => [...explainOne(surrogate, rows.subarray(r * 7, r * 7 + 7))])
    expect([...together]).toEqual(alone.flat())
    expect(surrogate.playerCount).toBe(7)
  })

  it('are 0 for a feature that never varied, whatever it is now, and finite for values beyond all bounds', () => {
    const random = createRandom(6)
    const rows = randomRows(random, 50, 3).map((value, i) => (i % 3 === 1 ? 4 : value))
    const network = { ...randomNetwork(random, 3, 16), basis: fitCosineBasis(rows, 50, 3) }
    const surrogate = prepareCosine(network, backgroundOf(rows, 3), singlePlayers(3))
    for (const odd of [9, NaN, Infinity, -3e38])
      expect(explainOne(surrogate, Float32Array.of(0.5, odd, -0.5))[1]).toBeCloseTo(0, 6)
    for (const odd of [NaN, Infinity, -Infinity, 3e38])
      for (const value of explainOne(surrogate, Float32Array.of(odd, 4, odd))) expect(value).toSatisfy(Number.isFinite)
  })

  it('are all zero for a row that is the only background row', () => {
    const random = createRandom(7)
    const row = randomRows(random, 1, 5)
    const surrogate = prepareCosine(randomNetwork(random, 5, 32), backgroundOf(row, 5), singlePlayers(5))
    expectClose(explainOne(surrogate, row), new Float64Array(5), 1e-6)
    expect(outputsOf(surrogate, row, 1)[0]).toBeCloseTo(surrogate.baseValue, 10)
  })

  it('come near with the nodes that were chosen, and those are fewer the more error is allowed', () => {
    const random = createRandom(8)
    const network = randomNetwork(random, 12, 64)
    const background = backgroundOf(randomRows(random, 20, 12), 12)
    const players = singlePlayers(12)
    const rows = randomRows(random, 10, 12)
    const counts = [1, 1e-2, 1e-5, 0].map((tolerance) => chooseNodes(network, background, players, rows, 10, tolerance))
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(counts[0]).toBeLessThan(counts[2]!)
    expect(counts[2]).toBeLessThan(exactNodeCount(players))
    expect(counts[3]).toBe(exactNodeCount(players))
  })

  it('refuse shapes that do not fit, naming both sizes', () => {
    const network = randomNetwork(createRandom(9), 2, 8)
    const rows = Float32Array.of(1, 2)
    expect(() => prepareCosine(network, { rows: new Float32Array(0), rowCount: 0 }, singlePlayers(2))).toThrow(
      'no rows',
    )
    expect(() => prepareCosine(network, { rows, rowCount: 2 }, singlePlayers(2))).toThrow('2 rows of 2 features')
    expect(() => prepareCosine(network, { rows, rowCount: 1 }, singlePlayers(3))).toThrow('3 features')
    const outside = { count: 1, ofFeature: Int32Array.of(0, 1) }
    expect(() => prepareCosine(network, { rows, rowCount: 1 }, outside)).toThrow('feature 1')
  })
})

describe('outputs of a cosine network', () => {
  it('are those of its formula in float64', () => {
    fc.assert(
      fc.property(games, (shape) => {
        const { network, background, players, row } = gameOf(shape)
        const surrogate = prepareCosine(network, background, players)
        expect(outputsOf(surrogate, row, 1)[0]).toBeCloseTo(outputOf(network, row), 4)
      }),
      settings,
    )
  })
})

describe('pair differences', () => {
  it('are the outputs of the two hybrids, one less the other, in plans longer than a chunk', () => {
    fc.assert(
      fc.property(games, (shape) => {
        const { network, background, players, row, random } = gameOf(shape)
        const plan = pairPlanOf(random, players.count, 600, background.rowCount)
        const differences = new Float64Array(600)
        prepareCosine(network, background, players).pairDifferencesInto(row, plan, differences)
        for (const pair of [0, 1, 511, 512, 599]) {
          const inside = hybridOf(row, background, players, plan, pair, 1)
          const outside = hybridOf(row, background, players, plan, pair, 0)
          expect(differences[pair]).toBeCloseTo(outputOf(network, inside) - outputOf(network, outside), 4)
        }
      }),
      { ...settings, numRuns: 20 },
    )
  })
})

interface GameShape {
  readonly seed: number
  readonly featureCount: number
  readonly unitCount: number
  readonly backgroundRows: number
  readonly groups: number
  readonly missing: number
}

interface RandomGame {
  readonly random: Random
  readonly network: CosineNetwork
  readonly background: Background
  readonly players: Players
  readonly row: Float32Array
}

function gameOf({ seed, featureCount, unitCount, backgroundRows, groups, missing }: GameShape): RandomGame {
  const random = createRandom(seed)
  const count = Math.min(groups, featureCount)
  return {
    random,
    network: randomNetwork(random, featureCount, unitCount, missing),
    background: backgroundOf(randomRows(random, backgroundRows, featureCount, missing), featureCount),
    players: { count, ofFeature: Int32Array.from({ length: featureCount }, (_, f) => (f * 5) % count) },
    row: randomRows(random, 1, featureCount, missing),
  }
}

function backgroundOf(rows: Float32Array, featureCount: number): Background {
  return { rows, rowCount: rows.length / featureCount }
}

function explainOne(surrogate: Surrogate, row: Float32Array): Float64Array {
  const values = new Float64Array(surrogate.playerCount)
  surrogate.explainInto(row, 1, values)
  return values
}

function outputsOf(surrogate: Surrogate, rows: Float32Array, rowCount: number): Float64Array {
  const outputs = new Float64Array(rowCount)
  surrogate.outputsInto(rows, rowCount, outputs)
  return outputs
}

function additivityGap(surrogate: Surrogate, rows: Float32Array, rowCount: number): number {
  const n = surrogate.playerCount
  const values = new Float64Array(rowCount * n)
  surrogate.explainInto(rows, rowCount, values)
  const gaps = outputsOf(surrogate, rows, rowCount).map((output, row) =>
    Math.abs(values.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value, surrogate.baseValue) - output),
  )
  return Math.max(...gaps)
}

function expectClose(values: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(values).toHaveLength(expected.length)
  values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance))
}
