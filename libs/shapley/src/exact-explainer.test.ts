import { createRandom } from '@raison/numerics'
import { evaluateTreesInto, type TreeEnsemble } from '@raison/trees'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bruteForceShapley } from './brute-force.ts'
import { prepareExact, type ExactExplainer, type ExactForm } from './exact-explainer.ts'
import { explainTrees } from './explain-trees.ts'
import type { Background, Players } from './players.ts'
import { ensembleOf, randomEnsemble, randomRows, singlePlayers } from './random-ensemble.test-data.ts'

const settings = { seed: 20240601, numRuns: 150 }

describe('exact explanations of trees', () => {
  it('equal brute force for every ensemble, grouping, background and pattern of missing values', () => {
    const game = fc.record({
      seed: fc.integer(),
      featureCount: fc.integer({ min: 1, max: 8 }),
      depth: fc.integer({ min: 0, max: 10 }),
      treeCount: fc.integer({ min: 0, max: 4 }),
      pruning: fc.constantFrom(0.05, 0.2, 0.5),
      backgroundRows: fc.integer({ min: 1, max: 12 }),
      groups: fc.integer({ min: 1, max: 8 }),
      missing: fc.constantFrom(0, 0.3),
    })
    fc.assert(
      fc.property(game, ({ seed, featureCount, backgroundRows, groups, missing, ...shape }) => {
        const random = createRandom(seed)
        const ensemble = randomEnsemble(random, { featureCount, ...shape })
        const players = randomGroups(seed, featureCount, Math.min(groups, featureCount))
        const background = backgroundOf(randomRows(random, backgroundRows, featureCount, missing), featureCount)
        const row = randomRows(random, 1, featureCount, missing)
        const expected = bruteForceOf(ensemble, background, players, row)
        expectClose(explainOne(prepareExact({ kind: 'trees', ensemble }, background, players), row), expected, 1e-12)
        // Narrow tables leave part of the leaves to the walk, none at all leave every leaf to it.
        for (const widest of [3, 0])
          expectClose(explainOne(explainTrees(ensemble, background, players, widest), row), expected, 1e-12)
      }),
      settings,
    )
  })

  it('equal brute force when the paths test more players than a table can index', () => {
    for (let seed = 0; seed < 4; seed++) {
      const random = createRandom(seed)
      const n = 14
      const ensemble = ensembleOf(n, chain(random.uniform, n), chain(random.uniform, n))
      const background = backgroundOf(randomRows(random, 3, n, 0.1), n)
      const row = randomRows(random, 1, n, 0.1)
      const values = explainOne(prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(n)), row)
      expectClose(values, bruteForceOf(ensemble, background, singlePlayers(n), row), 1e-12)
    }
  })

  it('share a leaf behind 40 players equally among them, beyond the bits of one number', () => {
    const n = 40
    let tree: Parameters<typeof ensembleOf>[1] = 1
    for (let feature = n - 1; feature >= 0; feature--) tree = { feature, threshold: 0.5, left: 0, right: tree }
    const background = backgroundOf(new Float32Array(n), n)
    const explainer = prepareExact({ kind: 'trees', ensemble: ensembleOf(n, tree) }, background, singlePlayers(n))
    expectClose(explainOne(explainer, new Float32Array(n).fill(1)), new Float64Array(n).fill(1 / n), 1e-15)
  })

  it('add up to the output, in batches larger than a chunk and in deep forests', () => {
    const random = createRandom(11)
    for (const shape of [
      { treeCount: 100, depth: 6 },
      { treeCount: 5, depth: 30, leafCount: 200 },
    ]) {
      const ensemble = randomEnsemble(random, { featureCount: 23, ...shape })
      const background = backgroundOf(randomRows(random, 20, 23, 0.1), 23)
      const explainer = prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(23))
      const rows = randomRows(random, 270, 23, 0.1)
      expect(additivityGap(explainer, rows, 270)).toBeLessThan(1e-11)
    }
  })

  it('give a row the same bytes alone, in a batch and whatever was explained before', () => {
    const random = createRandom(12)
    const ensemble = randomEnsemble(random, { treeCount: 8, featureCount: 15, depth: 20, leafCount: 100 })
    const background = backgroundOf(randomRows(random, 20, 15, 0.1), 15)
    const explainer = prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(15))
    const rows = randomRows(random, 30, 15, 0.1)
    const alone = Array.from({ length: 30 }, (_, r) => [...explainOne(explainer, rows.subarray(r * 15, r * 15 + 15))])
    const together = new Float64Array(30 * 15)
    explainer.explainInto(rows, 30, together)
    expect([...together]).toEqual(alone.flat())
  })

  it('add up for a feature of more thresholds than 15 bits can rank', () => {
    const stumps = Array.from({ length: 2 ** 15 }, (_, k) => ({ feature: 0, threshold: k, left: 0, right: 1 }))
    const background = backgroundOf(Float32Array.of(-1, 1e5), 1)
    const explainer = prepareExact({ kind: 'trees', ensemble: ensembleOf(1, ...stumps) }, background, singlePlayers(1))
    expect(additivityGap(explainer, Float32Array.of(-1, 0.5, 32_766.5, 32_767, 1e5), 5)).toBeLessThan(1e-9)
  })

  it('give nothing to a player no tree asks about and the same to players the model treats alike', () => {
    const stump = (feature: number) => ({ feature, threshold: 0.5, left: 0, right: 1 })
    const ensemble = ensembleOf(3, { ...stump(0), right: stump(1) }, { ...stump(1), right: stump(0) })
    const background = backgroundOf(Float32Array.of(0, 0, 0, 1, 1, 0), 3)
    const explainer = prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(3))
    const [a, b, unused] = explainOne(explainer, Float32Array.of(1, 1, 1))
    expect(a).toBe(b)
    expect(unused).toBe(0)
    expect(a).toBeCloseTo(0.5, 14)
  })

  it('of a sum of ensembles are the sums of theirs', () => {
    const random = createRandom(13)
    const both = randomEnsemble(random, { treeCount: 2, featureCount: 6, depth: 5 })
    const background = backgroundOf(randomRows(random, 10, 6), 6)
    const row = randomRows(random, 1, 6)
    const valuesOf = (ensemble: TreeEnsemble) =>
      explainOne(prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(6)), row)
    const first = valuesOf({ ...both, roots: both.roots.slice(0, 1) })
    const second = valuesOf({ ...both, roots: both.roots.slice(1) })
    expectClose(
      valuesOf(both),
      first.map((value, i) => value + second[i]!),
      1e-14,
    )
  })

  it('are all zero for a row that is the only background row', () => {
    const random = createRandom(14)
    const ensemble = randomEnsemble(random, { treeCount: 5, featureCount: 6, depth: 6 })
    const row = randomRows(random, 1, 6, 0.3)
    const explainer = prepareExact({ kind: 'trees', ensemble }, backgroundOf(row, 6), singlePlayers(6))
    expectClose(explainOne(explainer, row), new Float64Array(6), 1e-15)
  })

  it('ignore a leaf that no row can reach and follow nodes shared between branches', () => {
    const contradictory = {
      feature: 0,
      threshold: 0.2,
      left: { feature: 0, threshold: 0.8, left: 1, right: 1e9 },
      right: 2,
    }
    const tree = ensembleOf(2, contradictory)
    const shared: TreeEnsemble = { ...ensembleOf(2, { feature: 0, threshold: 0.5, left: contradictory, right: 7 }) }
    shared.right[shared.roots[0]!] = shared.left[shared.roots[0]!]!
    for (const ensemble of [tree, shared]) {
      const background = backgroundOf(Float32Array.of(0.9, 0, 0.1, 0), 2)
      const row = Float32Array.of(0.1, 0)
      const values = explainOne(prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(2)), row)
      expectClose(values, Float64Array.of(-0.5, 0), 1e-14)
    }
  })

  it('of no rows write nothing, and a constant model has only its base value', () => {
    const ensemble = { ...ensembleOf(1, 3), baseValue: 2 }
    const explainer = prepareExact({ kind: 'trees', ensemble }, backgroundOf(Float32Array.of(NaN), 1), singlePlayers(1))
    explainer.explainInto(new Float32Array(0), 0, new Float64Array(0))
    expect(explainer.baseValue).toBe(5)
    expect([...explainOne(explainer, Float32Array.of(1))]).toEqual([0])
  })
})

describe('exact explanations of linear models', () => {
  const coefficients = Float64Array.of(2, -1, 0.5)
  const form: ExactForm = { kind: 'linear', coefficients, intercept: 4 }
  const background = backgroundOf(Float32Array.of(1, 1, 0, 3, 5, 0), 3)

  it('give each feature its coefficient times the distance from the background mean', () => {
    const explainer = prepareExact(form, background, singlePlayers(3))
    expect(explainer.baseValue).toBe(5)
    expect([...explainOne(explainer, Float32Array.of(3, 4, 2))]).toEqual([2, -1, 1])
    expect(additivityGap(explainer, Float32Array.of(3, 4, 2, -1, 0.5, 9), 2)).toBeLessThan(1e-14)
  })

  it('add up the features of a group', () => {
    const players = { count: 2, ofFeature: Int32Array.of(1, 0, 1) }
    expect([...explainOne(prepareExact(form, background, players), Float32Array.of(3, 4, 2))]).toEqual([-1, 3])
  })
})

describe('preparing an explanation', () => {
  it('refuses shapes that do not fit, naming both sizes', () => {
    const form: ExactForm = { kind: 'trees', ensemble: ensembleOf(2, 1) }
    const rows = Float32Array.of(1, 2)
    expect(() => prepareExact(form, { rows: new Float32Array(0), rowCount: 0 }, singlePlayers(2))).toThrow('no rows')
    expect(() => prepareExact(form, { rows, rowCount: 2 }, singlePlayers(2))).toThrow('2 rows of 2 features')
    expect(() => prepareExact(form, { rows, rowCount: 1 }, singlePlayers(3))).toThrow('3 features')
    const outside = { count: 1, ofFeature: Int32Array.of(0, 1) }
    expect(() => prepareExact(form, { rows, rowCount: 1 }, outside)).toThrow('feature 1')
  })
})

function backgroundOf(rows: Float32Array, featureCount: number): Background {
  return { rows, rowCount: rows.length / featureCount }
}

function randomGroups(seed: number, featureCount: number, count: number): Players {
  const random = createRandom(seed)
  return {
    count,
    ofFeature: Int32Array.from({ length: featureCount }, (_, f) => (f < count ? f : random.below(count))),
  }
}

/** One path through every feature in turn, leaves of random value on both sides of it. */
function chain(uniform: () => number, length: number): Parameters<typeof ensembleOf>[1] {
  let tree: Parameters<typeof ensembleOf>[1] = uniform()
  for (let feature = 0; feature < length; feature++) {
    const leaf = uniform()
    const threshold = uniform()
    tree =
      uniform() < 0.5
        ? { feature, threshold, left: leaf, right: tree }
        : { feature, threshold, left: tree, right: leaf }
  }
  return tree
}

function explainOne(explainer: ExactExplainer, row: Float32Array): Float64Array {
  const values = new Float64Array(explainer.playerCount)
  explainer.explainInto(row, 1, values)
  return values
}

function bruteForceOf(
  ensemble: TreeEnsemble,
  background: Background,
  players: Players,
  row: Float32Array,
): Float64Array {
  const hybrids = new Float32Array(background.rows.length)
  const outputs = new Float64Array(background.rowCount)
  return bruteForceShapley({
    playerCount: players.count,
    value: (coalition) => {
      for (let i = 0; i < hybrids.length; i++) {
        const f = i % ensemble.featureCount
        hybrids[i] = (coalition >> players.ofFeature[f]!) & 1 ? row[f]! : background.rows[i]!
      }
      evaluateTreesInto(ensemble, hybrids, background.rowCount, outputs)
      return outputs.reduce((sum, output) => sum + output, 0) / background.rowCount
    },
  })
}

function additivityGap(explainer: ExactExplainer, rows: Float32Array, rowCount: number): number {
  const n = explainer.playerCount
  const values = new Float64Array(rowCount * n)
  const outputs = new Float64Array(rowCount)
  explainer.explainInto(rows, rowCount, values)
  explainer.outputsInto(rows, rowCount, outputs)
  const sumOf = (row: number): number =>
    values.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value, explainer.baseValue)
  return Math.max(...Array.from(outputs, (output, row) => Math.abs(sumOf(row) - output)))
}

function expectClose(values: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(values).toHaveLength(expected.length)
  values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance))
}
