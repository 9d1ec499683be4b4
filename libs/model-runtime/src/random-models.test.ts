import { evaluateTreesInto } from '@raison/trees'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { findCore } from './find-core.ts'
import { cutModel } from './cut-model.ts'
import { marginNode, marginTensor } from './margin-node.ts'
import { readGraph } from './model-graph.ts'
import { readInput } from './model-input.ts'
import type { AttributeProto, NodeProto, TensorProto, ValueInfoProto } from './onnx-proto.ts'
import { extendModel, tensorTypes } from './onnx-proto.ts'
import { readTreeForm } from './tree-form.ts'

const featureCount = 3
const nan = Number.NaN
/** Thresholds and values come from one list, so that rows stand exactly on thresholds; each with its float32 neighbours. */
const palette = [0, -0, 1, -1, 0.5, 0.1, 2, 3, 16777216, 1e-45, -1e-45, 3.4028235e38, Infinity, -Infinity]
const values = palette
  .map(Math.fround)
  .flatMap((x) => [x, Math.fround(x * (1 + 2 ** -23)), Math.fround(x * (1 - 2 ** -23))])
const modes = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ'].map((mode) => `BRANCH_${mode}`)

/**
 * One tree of three branches (nodes 0–2) and four leaves (3–6): complete, or a chain of false branches, whose true
 * branches may share one leaf (so LightGBM's converter writes categories). The leaves have few different weights.
 */
interface RandomTree {
  readonly shape: 'complete' | 'chain' | 'shared'
  readonly branches: readonly { feature: number; threshold: number; mode: number; missingTrue: number }[]
  readonly weights: readonly (readonly number[])[]
}

interface RandomModel {
  readonly operator: 'TreeEnsembleClassifier' | 'TreeEnsembleRegressor'
  readonly precision: 'float32' | 'float64'
  readonly trees: readonly RandomTree[]
  readonly targets: number
  /** Targets that have weights; the others have none at all. */
  readonly weighed: readonly number[]
  readonly baseValues: readonly number[]
  readonly postTransform: string
  readonly aggregate: string
  readonly column: number
}

const anyTree = (sameMode: number | undefined): fc.Arbitrary<RandomTree> =>
  fc.record({
    shape: fc.constantFrom('complete' as const, 'chain' as const, 'shared' as const),
    branches: fc.array(
      fc.record({
        feature: fc.nat(featureCount - 1),
        threshold: fc.constantFrom(...values),
        mode: sameMode === undefined ? fc.nat(modes.length - 1) : fc.constant(sameMode),
        missingTrue: fc.nat(1),
      }),
      { minLength: 3, maxLength: 3 },
    ),
    weights: fc.array(fc.array(fc.constantFrom(-0.5, 0.25, 0.25, 1), { minLength: 3, maxLength: 3 }), {
      minLength: 4,
      maxLength: 4,
    }),
  })

const anyModel: fc.Arbitrary<RandomModel> = fc
  .record({
    operator: fc.constantFrom('TreeEnsembleClassifier' as const, 'TreeEnsembleRegressor' as const),
    sameMode: fc.option(fc.nat(modes.length - 1), { nil: undefined }),
    targets: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ operator, sameMode, targets }) =>
    fc.record({
      operator: fc.constant(operator),
      precision: fc.constantFrom('float32' as const, 'float64' as const),
      trees: fc.array(anyTree(sameMode), { minLength: 1, maxLength: 5 }),
      targets: fc.constant(targets),
      weighed: fc.subarray([0, 1, 2].slice(0, targets), { minLength: 1 }),
      baseValues: fc
        .constantFrom(0, targets, operator === 'TreeEnsembleClassifier' && targets === 2 ? 1 : 0)
        .map((count) => [0.25, -0.5, 1].slice(0, count)),
      postTransform: fc.constantFrom('NONE', 'LOGISTIC', 'SOFTMAX'),
      aggregate: fc.constantFrom('SUM', 'AVERAGE'),
      column: fc.nat(targets - 1),
    }),
  )

const anyRow = fc.array(fc.constantFrom(...values, nan), { minLength: 3, maxLength: 3 })

describe('random tree models', () => {
  it('have an exact form whose margin is the one of onnxruntime, and whose linked margin is its score', async () => {
    let exactCount = 0
    await fc.assert(
      fc.asyncProperty(anyModel, fc.array(anyRow, { minLength: 60, maxLength: 60 }), async (model, rows) => {
        const bytes = encode(model)
        const { graph, core, form } = parse(bytes, model)
        if (form === undefined) return
        exactCount++
        const flat = Float32Array.from(rows.flat())
        const margins = new Float64Array(rows.length)
        evaluateTreesInto(form.ensemble, flat, rows.length, margins)
        const scores = await runDirectly(bytes, 'scores', model, flat)
        const sums = await runDirectly(
          cutModel(bytes, graph, [marginTensor], [marginNode(core)]),
          marginTensor,
          model,
          flat,
        )
        margins.forEach((margin, row) => {
          const { link, factors, offset } = form.readOut
          const sum = factors.reduce((total, factor, k) => total + factor * sums[row]![k]!, offset)
          expect(margin, `margin of ${rows[row]}`).toBeCloseTo(sum, 5)
          const linked = link === 'logistic' ? 1 / (1 + Math.exp(-margin)) : margin
          if (link !== 'softmax') expect(linked, `score of ${rows[row]}`).toBeCloseTo(scores[row]![model.column]!, 5)
        })
      }),
      { seed: 3, numRuns: 250 },
    )
    expect(exactCount).toBeGreaterThan(180)
  })
})

function parse(bytes: Uint8Array, model: RandomModel) {
  const graph = readGraph(bytes, 'random.onnx')
  const { core } = findCore(graph, readInput(graph, featureCount, 'random.onnx'), 'scores', 'random.onnx')
  if (typeof core === 'string' || core.parsed.kind !== 'trees') throw new Error(`no core: ${String(core)}`)
  const found = readTreeForm(core.node, core.parsed.trees, model.column, featureCount)
  if (typeof found === 'string' || found.form.kind !== 'trees') return { graph, core, form: undefined }
  return { graph, core, form: { ensemble: found.form.ensemble, readOut: found.readOut } }
}

async function runDirectly(bytes: Uint8Array, output: string, model: RandomModel, rows: Float32Array) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 })
  const rowCount = rows.length / featureCount
  const values = model.precision === 'float32' ? rows : Float64Array.from(rows)
  const input = new Tensor(model.precision, values, [rowCount, featureCount])
  const data = Array.from((await session.run({ input }, [output]))[output]!.data, Number)
  await session.release()
  const columns = data.length / rowCount
  return Array.from({ length: rowCount }, (_, row) => data.slice(row * columns, (row + 1) * columns))
}

function encode(model: RandomModel): Uint8Array {
  const { operator, precision, trees, targets, weighed, aggregate } = model
  const isClassifier = operator === 'TreeEnsembleClassifier'
  const side = isClassifier ? 'class' : 'target'
  const weights = trees.flatMap((tree, t) =>
    tree.weights.flatMap((leaf, l) =>
      weighed.map((target) => ({ tree: t, node: 3 + l, target, weight: leaf[target]! })),
    ),
  )
  const perNode = (branch: (tree: RandomTree, b: number, t: number) => number): number[] =>
    trees.flatMap((tree, t) => [0, 1, 2, 3, 4, 5, 6].map((node) => (node < 3 ? branch(tree, node, t) : 0)))
  const floats = (name: string, list: readonly number[]): Attribute =>
    precision === 'float32' ? { name, floats: list, type: 6 } : { name: `${name}_as_tensor`, t: doubles(list), type: 4 }
  const attribute: Attribute[] = [
    ints(
      'nodes_treeids',
      trees.flatMap((_, t) => Array.from({ length: 7 }, () => t)),
    ),
    ints(
      'nodes_nodeids',
      trees.flatMap(() => [0, 1, 2, 3, 4, 5, 6]),
    ),
    ints(
      'nodes_featureids',
      perNode((tree, b) => tree.branches[b]!.feature),
    ),
    ints(
      'nodes_truenodeids',
      perNode(({ shape }, b) => ({ complete: 2 * b + 1, chain: b + 3, shared: 3 })[shape]),
    ),
    ints(
      'nodes_falsenodeids',
      perNode(({ shape }, b) => (shape === 'complete' ? 2 * b + 2 : [1, 2, 6][b]!)),
    ),
    ints(
      'nodes_missing_value_tracks_true',
      perNode((tree, b) => tree.branches[b]!.missingTrue),
    ),
    floats(
      'nodes_values',
      perNode((tree, b) => tree.branches[b]!.threshold),
    ),
    texts(
      'nodes_modes',
      trees.flatMap((tree) => [...tree.branches.map((b) => modes[b.mode]!), ...Array(4).fill('LEAF')]),
    ),
    ints(
      `${side}_treeids`,
      weights.map((weight) => weight.tree),
    ),
    ints(
      `${side}_nodeids`,
      weights.map((weight) => weight.node),
    ),
    ints(
      `${side}_ids`,
      weights.map((weight) => weight.target),
    ),
    floats(
      `${side}_weights`,
      weights.map((weight) => weight.weight),
    ),
    { name: 'post_transform', s: utf8.encode(model.postTransform), type: 3 },
    ...(model.baseValues.length > 0 ? [floats('base_values', model.baseValues)] : []),
    ...(isClassifier
      ? [ints('classlabels_int64s', [0, 1, 2].slice(0, targets))]
      : [
          { name: 'n_targets', i: targets, type: 2 },
          { name: 'aggregate_function', s: utf8.encode(aggregate), type: 3 },
        ]),
  ]
  const output = isClassifier ? ['label', 'scores'] : ['scores']
  const node = { input: ['input'], output, opType: operator, name: 'trees', domain: 'ai.onnx.ml', attribute }
  return extendModel(header, {
    node: [node as unknown as NodeProto],
    input: [tensorInfo('input', precision === 'float32' ? tensorTypes.float : tensorTypes.double, 3)],
    output: [tensorInfo('scores', tensorTypes.float, targets)],
  })
}

type Attribute = Partial<AttributeProto>
const utf8 = new TextEncoder()
const ints = (name: string, list: readonly number[]): Attribute => ({ name, ints: list, type: 7 })
const texts = (name: string, list: readonly string[]): Attribute => ({
  name,
  strings: list.map((text) => utf8.encode(text)),
  type: 8,
})
const doubles = (doubleData: readonly number[]): TensorProto =>
  ({ dims: [doubleData.length], dataType: tensorTypes.double, doubleData }) as unknown as TensorProto
const tensorInfo = (name: string, elemType: number, columns: number): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: [
          { dimValue: 0, dimParam: 'N' },
          { dimValue: columns, dimParam: '' },
        ],
      },
    },
  },
})

/** ir_version 8; opsets ai.onnx.ml 3 and ai.onnx 17. */
const domain = utf8.encode('ai.onnx.ml')
const header = Uint8Array.from([8, 8, 66, domain.length + 4, 10, domain.length, ...domain, 16, 3, 66, 4, 10, 0, 16, 17])
