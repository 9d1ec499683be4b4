import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateTreesInto } from './evaluate-trees.ts'
import type { FitOptions, TrainingData } from './fit-options.ts'
import { boostTrees, fitTrees } from './fit-trees.ts'
import { bumpy, simulate } from './simulated-rows.test-data.ts'
import type { TreeEnsemble } from './tree-ensemble.ts'

/** One tree that takes over each leaf's mean as it is. */
const plain: FitOptions = { rounds: 1, learningRate: 1, l2: 0, rowShare: 1, minRowsPerLeaf: 1 }

function dataOf(rows: readonly (readonly number[])[], targets: readonly number[]): TrainingData {
  const featureCount = rows[0]!.length
  return {
    rows: Float32Array.from(rows.flat()),
    rowCount: rows.length,
    featureCount,
    targets: Float64Array.from(targets),
  }
}

function outputsOf(ensemble: TreeEnsemble, { rows, rowCount }: { rows: Float32Array; rowCount: number }): number[] {
  const out = new Float64Array(rowCount)
  evaluateTreesInto(ensemble, rows, rowCount, out)
  return [...out]
}

function outputOf(ensemble: TreeEnsemble, ...row: readonly number[]): number {
  return outputsOf(ensemble, { rows: Float32Array.from(row), rowCount: 1 })[0]!
}

function rSquared(outputs: readonly number[], targets: Float64Array): number {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length
  const spread = targets.reduce((sum, target) => sum + (target - mean) ** 2, 0)
  return 1 - targets.reduce((sum, target, r) => sum + (target - outputs[r]!) ** 2, 0) / spread
}

/** Squared error of the best division in two, found by trying them all; the target is the last cell of a row. */
function leastError(table: readonly (readonly number[])[], leastRows: number): number {
  const errorOf = (rows: readonly (readonly number[])[]): number => {
    const mean = rows.reduce((sum, row) => sum + row.at(-1)!, 0) / rows.length
    return rows.reduce((sum, row) => sum + (row.at(-1)! - mean) ** 2, 0)
  }
  let least = errorOf(table)
  for (const f of [0, 1, 2])
    for (const cut of [0, 1, 2, 3, 4])
      for (const missingLeft of [false, true]) {
        const goesLeft = (row: readonly number[]): boolean => (Number.isNaN(row[f]!) ? missingLeft : row[f]! <= cut)
        const sides = [table.filter(goesLeft), table.filter((row) => !goesLeft(row))]
        if (sides.every((side) => side.length >= leastRows))
          least = Math.min(least, errorOf(sides[0]!) + errorOf(sides[1]!))
      }
  return least
}

/** Leaf index and path length of one row in every tree. */
function leavesOf(ensemble: TreeEnsemble, row: Float32Array): { readonly leaf: number; readonly depth: number }[] {
  return [...ensemble.roots].map((root) => {
    let leaf = root
    let depth = 0
    for (; ensemble.feature[leaf]! >= 0; depth++)
      leaf = (row[ensemble.feature[leaf]!]! <= ensemble.threshold[leaf]! ? ensemble.left : ensemble.right)[leaf]!
    return { leaf, depth }
  })
}

describe('fitting trees', () => {
  it('reproduces a step function exactly', () => {
    const data = simulate(1, 500, 3, (x) => (x[1]! > 0.25 ? 7 : x[0]! > -0.5 ? 3 : -2))
    const ensemble = fitTrees(data, plain)
    expect(ensemble.roots.length).toBe(1)
    outputsOf(ensemble, data).forEach((output, r) => expect(output).toBeCloseTo(data.targets[r]!, 12))
  })

  it('learns smooth, product and step terms that hold on unseen rows', () => {
    const ensemble = fitTrees(simulate(1, 5000, 6, bumpy), { rounds: 200 })
    const fresh = simulate(2, 2000, 6, bumpy)
    expect(rSquared(outputsOf(ensemble, fresh), fresh.targets)).toBeGreaterThan(0.98)
  })

  it('divides the sum of a leaf by its rows and l2, times the learning rate', () => {
    const data = dataOf([[0], [0], [1], [1]], [0, 0, 8, 8])
    const ensemble = fitTrees(data, { ...plain, l2: 2, learningRate: 0.5 })
    expect(ensemble.baseValue).toBe(4)
    // (4 + 4) / (2 + 2) · 0.5
    expect(outputsOf(ensemble, data)).toEqual([3, 3, 5, 5])
  })

  it.each([0.1, -1e9, 0])('answers a constant target of %d with the base value alone', (target) => {
    const { rows, rowCount, featureCount, targets } = simulate(3, 1000, 4, () => target)
    const ensemble = fitTrees({ rows, rowCount, featureCount, targets }, { minRowsPerLeaf: 1, l2: 0 })
    expect(ensemble.roots.length).toBe(0)
    expect(outputOf(ensemble, 0, 0, 0, 0)).toBeCloseTo(target, 12)
  })

  it('fits one row, and rows without features, by the base value', () => {
    expect(outputOf(fitTrees(dataOf([[1, 2]], [5])), 1, 2)).toBe(5)
    expect(fitTrees(dataOf([[], []], [1, 3]), plain)).toMatchObject({ featureCount: 0, baseValue: 2 })
  })

  it('never tests a feature that has no value or only one', () => {
    const data = simulate(4, 500, 3, (x) => x[0]!)
    for (let r = 0; r < data.rowCount; r++) data.rows.set([NaN, 6], 3 * r + 1)
    expect(new Set(fitTrees(data, { rounds: 20 }).feature)).toEqual(new Set([-1, 0]))
  })

  it('tells missing values from the others when that is all that matters', () => {
    const data = dataOf([[1], [NaN], [5], [NaN], [Infinity], [-Infinity]], [2, 9, 2, 9, 2, 2])
    const ensemble = fitTrees(data, plain)
    expect(outputsOf(ensemble, data)).toEqual([2, 9, 2, 9, 2, 2])
    expect(outputOf(ensemble, 1e30)).toBe(2)
  })

  it.each([
    ['low', 0],
    ['high', 8],
  ])('learns that missing values behave like %s ones', (_, target) => {
    const data = dataOf([[1], [2], [NaN], [3], [4], [NaN]], [0, 0, target, 8, 8, target])
    expect(outputsOf(fitTrees(data, { ...plain, leaves: 2 }), data)).toEqual([...data.targets])
  })

  it('sends a missing value the way of most rows where it has seen none', () => {
    expect(outputOf(fitTrees(dataOf([[1], [2], [3]], [0, 8, 8]), plain), NaN)).toBe(8)
    expect(outputOf(fitTrees(dataOf([[1], [2], [3]], [0, 0, 8]), plain), NaN)).toBe(0)
  })

  it('separates float32 neighbours and keeps equal values together', () => {
    const next = 1 + 2 ** -23
    const data = dataOf([[1], [next], [1], [next], [1]], [0, 6, 0, 6, 3])
    expect(outputsOf(fitTrees(data, plain), data)).toEqual([1, 6, 1, 6, 1])
  })

  it('keeps within leaves, maxDepth and minRowsPerLeaf', () => {
    const data = simulate(5, 600, 4, bumpy)
    const ensemble = fitTrees(data, { rounds: 5, rowShare: 1, leaves: 12, maxDepth: 5, minRowsPerLeaf: 30 })
    const rowsOfLeaf = new Map<number, number>()
    for (let r = 0; r < data.rowCount; r++)
      for (const { leaf, depth } of leavesOf(ensemble, data.rows.subarray(4 * r, 4 * r + 4))) {
        rowsOfLeaf.set(leaf, (rowsOfLeaf.get(leaf) ?? 0) + 1)
        expect(depth).toBeLessThanOrEqual(5)
      }

    const leafCount = ensemble.feature.filter((feature) => feature < 0).length
    expect(leafCount).toBe(5 * 12)
    expect(rowsOfLeaf.size).toBe(leafCount)
    expect(Math.min(...rowsOfLeaf.values())).toBeGreaterThanOrEqual(30)
  })

  it('splits where the squared error falls most, whatever the side of the missing values', () => {
    const value = fc.constantFrom(NaN, 0, 1, 2, 3, 4)
    const row = fc.tuple(value, value, value, fc.integer({ min: -9, max: 9 }))
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (table, least) => {
        const targets = table.map((cells) => cells[3])
        const data = dataOf(
          table.map((cells) => cells.slice(0, 3)),
          targets,
        )
        const outputs = outputsOf(fitTrees(data, { ...plain, leaves: 2, minRowsPerLeaf: least }), data)
        const error = targets.reduce((sum, target, r) => sum + (target - outputs[r]!) ** 2, 0)
        expect(error).toBeCloseTo(leastError(table, least), 9)
      }),
      { seed: 2, numRuns: 200 },
    )
  })

  it('gives every leaf of a full tree the mean of the rows that reach it', () => {
    const data = simulate(8, 2000, 5, bumpy)
    const ensemble = fitTrees(data, { ...plain, leaves: 60, minRowsPerLeaf: 5 })
    const reaching = new Map<number, number[]>()
    for (let r = 0; r < data.rowCount; r++) {
      const { leaf } = leavesOf(ensemble, data.rows.subarray(5 * r, 5 * r + 5))[0]!
      reaching.set(leaf, [...(reaching.get(leaf) ?? []), data.targets[r]!])
    }
    expect(reaching.size).toBe(60)
    for (const [leaf, targets] of reaching) {
      const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length
      expect(ensemble.baseValue + ensemble.value[leaf]!).toBeCloseTo(mean, 10)
    }
  })

  it('agrees with its own running predictions on the rows it was fitted to', () => {
    const options = fc.record({
      leaves: fc.integer({ min: 2, max: 40 }),
      maxDepth: fc.integer({ min: 1, max: 12 }),
      bins: fc.integer({ min: 2, max: 255 }),
      rowShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
      learningRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
      minRowsPerLeaf: fc.integer({ min: 1, max: 30 }),
      l2: fc.double({ min: 0, max: 10, noNaN: true }),
      seed: fc.integer(),
    })
    const shapes = fc.record({
      rowCount: fc.integer({ min: 1, max: 400 }),
      featureCount: fc.integer({ min: 4, max: 9 }),
    })
    fc.assert(
      fc.property(options, shapes, (settings, { rowCount, featureCount }) => {
        const target = (x: Float32Array): number => (Number.isNaN(x[0]!) ? 2 : x[0]!) * (x[1]! > 0 ? 3 : 1)
        const data = simulate(settings.seed, rowCount, featureCount, target, 0.2)
        const { ensemble, residuals } = boostTrees(data, { ...settings, rounds: 10 }, {})
        outputsOf(ensemble, data).forEach((output, r) =>
          expect(Math.abs(output - (data.targets[r]! - residuals[r]!))).toBeLessThan(1e-9),
        )
      }),
      { seed: 9, numRuns: 60 },
    )
  })

  it('gives the same bytes for the same seed in every process, and others for another seed', () => {
    const data = simulate(6, 1000, 4, bumpy, 0.1)
    const ensemble = fitTrees(data, { rounds: 20, seed: 4 })
    expect(fitTrees(data, { rounds: 20, seed: 4 })).toEqual(ensemble)
    expect(fitTrees(data, { rounds: 20, seed: 5 }).value).not.toEqual(ensemble.value)

    const source = (name: string): string => new URL(name, import.meta.url).href
    const program = `import { fitTrees } from '${source('fit-trees.ts')}'
      import { bumpy, simulate } from '${source('simulated-rows.test-data.ts')}'
      process.stdout.write(JSON.stringify(fitTrees(simulate(6, 1000, 4, bumpy, 0.1), { rounds: 20, seed: 4 })))`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(output).toBe(JSON.stringify(ensemble))
  })

  it('stops when it is told to, with the trees so far', () => {
    const data = simulate(7, 300, 4, bumpy)
    const seen: string[] = []
    const stopped = fitTrees(
      data,
      { rounds: 9 },
      {
        onRound: (done, rounds) => {
          seen.push(`${done}/${rounds}`)
          return done === 3 ? 'stop' : undefined
        },
      },
    )
    expect(seen).toEqual(['1/9', '2/9', '3/9'])
    expect(stopped).toEqual(fitTrees(data, { rounds: 3 }))
  })
})

describe('refusing to fit', () => {
  const data = dataOf([[1], [2]], [1, 2])

  it.each([
    ['TOO_FEW_ROWS', { ...data, rows: new Float32Array(0), rowCount: 0, targets: new Float64Array(0) }, 'got 0'],
    ['SHAPE_MISMATCH', { ...data, featureCount: 2 }, 'the rows hold 2 numbers, not 2 rows of 2 features'],
    ['SHAPE_MISMATCH', { ...data, targets: new Float64Array(3) }, '3 targets are given for 2 rows'],
    ['TARGET_NOT_FINITE', { ...data, targets: Float64Array.of(1, NaN) }, 'the target of row 1 is NaN'],
    ['TARGET_NOT_FINITE', { ...data, targets: Float64Array.of(-Infinity, 1) }, 'the target of row 0 is -Infinity'],
  ])('%s: %o', (code, bad, message) => {
    expect(() => fitTrees(bad)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it.each<FitOptions>([
    { rounds: 0 },
    { rounds: 1.5 },
    { leaves: 1 },
    { learningRate: 0 },
    { learningRate: NaN },
    { minRowsPerLeaf: 0 },
    { l2: -1 },
    { l2: Infinity },
    { bins: 1 },
    { bins: 256 },
    { rowShare: 1.01 },
    { maxDepth: 0 },
    { seed: 0.5 },
  ])('FIT_OPTION_INVALID: %o', (options) => {
    const [[name, value]] = Object.entries(options) as [[string, number]]
    const message = expect.stringContaining(`${name} is ${value}: it must be`)
    expect(() => fitTrees(data, options)).toThrow(expect.objectContaining({ code: 'FIT_OPTION_INVALID', message }))
  })
})
