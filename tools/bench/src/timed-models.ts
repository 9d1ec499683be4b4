import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, type Random } from '@raison/numerics'
import type { ExactForm } from '@raison/shapley'
import type { TreeEnsemble } from '@raison/trees'
import { findGolden } from './find-golden.ts'
import { readForm } from './our-side.ts'

/** A model whose explanations are timed; rows are row-major float32, at least 1,000 of each. */
export interface TimedModel {
  readonly name: string
  readonly columns: number
  readonly form: ExactForm
  readonly rows: Float32Array
  readonly reference: Float32Array
}

/** Full random trees, which have more leaves than trained ones, and the models of Taiwanese card clients when at hand. */
export async function openTimedModels(): Promise<TimedModel[]> {
  const random = [randomModel(100, 4), randomModel(200, 6)]
  const golden = findGolden()
  if (golden === undefined) return random
  return [...random, await taiwanModel(golden, 'xgb100d4', 100, 4), await taiwanModel(golden, 'xgb200d6', 200, 6)]
}

/** Draw for draw the models, reference and rows of libs/shapley/src/exact-trees.bench.ts. */
function randomModel(treeCount: number, depth: number): TimedModel {
  const random = createRandom(7)
  const ensemble = randomTrees(random, treeCount, depth, 23)
  return {
    name: `random, ${treeCount} × depth ${depth}`,
    columns: 23,
    form: { kind: 'trees', ensemble },
    reference: randomRows(random, 23),
    rows: randomRows(createRandom(8), 23),
  }
}

function randomTrees(random: Random, treeCount: number, depth: number, featureCount: number): TreeEnsemble {
  const nodes: { feature: number; threshold: number; left: number; right: number; missing: number; value: number }[] =
    []
  const grow = (levels: number): number => {
    if (levels < depth) random.uniform() // where exact-trees.bench.ts draws whether to prune
    if (levels === 0)
      return (
        nodes.push({ feature: -1, threshold: 0, left: -1, right: -1, missing: 0, value: random.uniform() - 0.5 }) - 1
      )
    const [left, right] = [grow(levels - 1), grow(levels - 1)]
    const feature = random.below(featureCount)
    return nodes.push({ feature, threshold: random.uniform(), left, right, missing: random.below(2), value: 0 }) - 1
  }
  const roots = Int32Array.from({ length: treeCount }, () => grow(depth))
  return {
    featureCount,
    roots,
    baseValue: random.normal(),
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Uint8Array.from(nodes, ({ missing }) => missing),
    value: Float64Array.from(nodes, ({ value }) => value),
  }
}

/** 1,000 rows, uniform in (0, 1), one value in fifty missing. */
function randomRows(random: Random, columns: number): Float32Array {
  return Float32Array.from({ length: 1000 * columns }, () => (random.uniform() < 0.02 ? Number.NaN : random.uniform()))
}

async function taiwanModel(golden: string, model: string, treeCount: number, depth: number): Promise<TimedModel> {
  const [header, ...lines] = readFileSync(join(golden, 'taiwan/bg1000.csv'), 'utf8').trimEnd().split('\n')
  const columns = header!.split(',').length
  const reference = lines.map((line) => line.split(',').map(Number))
  const name = `Taiwan, XGBoost ${treeCount} × depth ${depth}`
  return {
    name,
    columns,
    form: await readForm({ name, columns, files: join(golden, 'taiwan', model, 'model') }),
    reference: Float32Array.from(reference.flat()),
    // In another order, so that no row is explained against itself first.
    rows: Float32Array.from(reference.toReversed().flat()),
  }
}
