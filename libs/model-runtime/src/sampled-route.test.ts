import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Model, ModelSource } from './model.ts'
import { openModel } from './open-model.ts'
import type { Piece } from './small-nets.test-data.ts'
import { constant, dense, encodeNet, integers, spread, step } from './small-nets.test-data.ts'

const golden = process.env['RAISON_GOLDEN_DIR'] ?? fileURLToPath(new URL('../../../../shared/golden', import.meta.url))
const bundles = new URL('../../../examples/loan-demo/bundles/', import.meta.url)
const testModel = (name: string): Uint8Array => readFileSync(new URL(`../test-models/${name}.onnx`, import.meta.url))

const sourceOf = (bytes: Uint8Array, featureCount: number, changes: Partial<ModelSource> = {}): ModelSource => ({
  bytes,
  fileName: 'model.onnx',
  featureNames: Array.from({ length: featureCount }, (_, i) => `x${i}`),
  output: 'p',
  column: undefined,
  space: 'log-odds',
  ...changes,
})

async function withModel<T>(source: ModelSource, use: (model: Model) => Promise<T>, workers = 1): Promise<T> {
  const model = await openModel(source, { workers })
  try {
    return await use(model)
  } finally {
    await model.close()
  }
}

const rowCount = 50
const rowsOf = (featureCount: number, size = 3): Float32Array =>
  Float32Array.from(spread(rowCount * featureCount, size))
const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin))
const outputsOf = (source: ModelSource): Promise<number[]> =>
  withModel(source, async (model) => [...(await model.sampled!.outputs(rowsOf(source.featureNames.length), rowCount))])

describe('log-odds', () => {
  const sizes = [5, 7, 1]
  const p = step('Sigmoid', ['logits'], 'p')
  const one = constant('one', [1], [1])
  const complement = step('Sub', ['one', 'p'], 'q', {}, [one])
  const both = [p, complement, step('Concat', ['q', 'p'], 'both', { axis: 1 })]
  const second = integers('second', [1], [1])
  const first = integers('first', [1], [0])

  it.for<[what: string, output: string, tail: readonly Piece[], column?: number | undefined, sign?: number]>([
    ['a sigmoid', 'p', [p]],
    ['its complement', 'q', [p, complement], 0, -1],
    ['both side by side', 'both', both],
    ['both side by side, first column', 'both', both, 0, -1],
    ['another shape', 'flat', [p, step('Reshape', ['p', 'shape'], 'flat', {}, [integers('shape', [1], [-1])])]],
    ['a product with one', 'same', [p, step('Mul', ['p', 'one'], 'same', {}, [one])]],
    ['a gathered column', 'picked', [...both, step('Gather', ['both', 'second'], 'picked', { axis: 1 }, [second])]],
    [
      'an extracted column',
      'picked',
      [...both, step('ArrayFeatureExtractor', ['both', 'first'], 'picked', {}, [first], 'ai.onnx.ml')],
      undefined,
      -1,
    ],
  ])('of %s are the tensor before it, bit for bit', async ([, output, tail, column, sign = 1]) => {
    const bytes = encodeNet(5, [dense(sizes), ...tail], [output, 'logits'])
    const logits = await outputsOf(sourceOf(bytes, 5, { output: 'logits', space: 'raw' }))
    const margins = await outputsOf(sourceOf(bytes, 5, { output, column }))
    expect(margins).toEqual(logits.map((logit) => sign * logit))
    expect(new Set(margins).size).toBe(rowCount)
  })

  it('of a softmax of two columns are the difference of its logits', async () => {
    const bytes = encodeNet(5, [dense([5, 7, 2]), step('Softmax', ['logits'], 'p', { axis: 1 })], ['p', 'logits'])
    const [negative, positive] = await Promise.all(
      [0, 1].map((column) => outputsOf(sourceOf(bytes, 5, { output: 'logits', space: 'raw', column }))),
    )
    const difference = positive!.map((logit, row) => logit - negative![row]!)
    expect(await outputsOf(sourceOf(bytes, 5))).toEqual(difference)
    expect(await outputsOf(sourceOf(bytes, 5, { column: 0 }))).toEqual(difference.map((margin) => -margin))
  })

  it.for([
    ['loan-neural-net', 23],
    ['net', 4],
    ['normalized-logistic', 4],
    ['xgboost', 4],
    ['gradient-boosting', 4],
    ['lightgbm', 4],
    ['logistic', 4],
  ] as const)('of %s belong to its scores', async ([name, featureCount]) => {
    const bytes = name.startsWith('loan') ? readFileSync(new URL(`${name}/model.onnx`, bundles)) : testModel(name)
    await withModel(sourceOf(bytes, featureCount, { output: 'probabilities' }), async (model) => {
      const { scores, outputs } = await model.sampled!.scoresAndOutputs(rowsOf(featureCount), rowCount)
      expect(scores).toEqual(await model.score(rowsOf(featureCount), rowCount))
      expect(outputs).toEqual(await model.sampled!.outputs(rowsOf(featureCount), rowCount))
      outputs.forEach((margin, row) => expect(Math.abs(sigmoid(margin) - scores[row]!)).toBeLessThan(1e-6))
    })
  })

  it('of another class of three are what its exact route explains', async () => {
    const source = sourceOf(testModel('xgboost-three-classes'), 4, { output: 'probabilities', space: 'raw', column: 1 })
    await withModel(source, async (model) => {
      const { scores, outputs } = await model.sampled!.scoresAndOutputs(rowsOf(4), rowCount)
      expect(model.exact?.link).toBe('softmax')
      expect(outputs.some((margin) => margin < 0)).toBe(true)
      expect(scores).toEqual(await model.score(rowsOf(4), rowCount))
    })
  })

  it.for<[node: string, pieces: readonly Piece[], source?: Partial<ModelSource>]>([
    ['Sqrt', [dense(sizes), p, step('Sqrt', ['p'], 'root')], { output: 'root' }],
    ['softmax has 3', [dense([5, 7, 3]), step('Softmax', ['logits'], 'p', { axis: 1 })], { column: 1 }],
    ['computed by no node', [step('Relu', ['input'], 'unread')], { output: 'input' }],
  ])('that cannot be found are refused: %s', async ([node, pieces, changes = {}]) => {
    const output = changes.output ?? 'p'
    const bytes = encodeNet(5, pieces, [output])
    await withModel(sourceOf(bytes, 5, { column: 0, ...changes }), async ({ sampled, whyNotSampled }) => {
      expect(sampled).toBeUndefined()
      expect(whyNotSampled).toContain(node)
      expect(whyNotSampled).toContain('explain: probability')
    })
  })

  it('are refused when what was found does not belong to the scores', async () => {
    const wide = step('Concat', ['pair', 'p'], 'three', { axis: 1 })
    const pair = step('Concat', ['p', 'q'], 'pair', { axis: 1 })
    const bytes = encodeNet(5, [dense(sizes), p, complement, pair, wide], ['three'])
    await withModel(sourceOf(bytes, 5, { output: 'three', column: 1 }), async ({ whyNotSampled }) => {
      expect(whyNotSampled).toMatch(/score of .* explain: probability/)
    })
  })
})

describe('probability and raw', () => {
  it('are the output itself, also where no log-odds are found', async () => {
    const bytes = encodeNet(5, [dense([5, 7, 1]), step('Exp', ['logits'], 'p')], ['p'])
    for (const space of ['probability', 'raw'] as const)
      await withModel(sourceOf(bytes, 5, { space }), async (model) => {
        expect(await model.sampled!.outputs(rowsOf(5), rowCount)).toEqual(await model.score(rowsOf(5), rowCount))
      })
  })

  it('may be NaN or infinite, row by row', async () => {
    const bytes = encodeNet(1, [step('Log', ['input'], 'p')], ['p'])
    const rows = Float32Array.of(1, 0, -1, 2)
    const outputs = await withModel(sourceOf(bytes, 1, { space: 'raw' }), ({ sampled }) => sampled!.outputs(rows, 4))
    expect([...outputs]).toEqual([0, -Infinity, NaN, Math.fround(Math.log(2))])
  })
})

describe('the rows', () => {
  const source = sourceOf(testModel('net'), 4, { output: 'probabilities' })

  it('are given away, but for scores', async () => {
    await withModel(source, async (model) => {
      const rows = rowsOf(4)
      await model.score(rows, rowCount)
      expect(rows).toHaveLength(rowCount * 4)
      await model.sampled!.outputs(rows, rowCount)
      expect(rows).toHaveLength(0)
    })
  })

  it('stay in a shared buffer, on one worker and on two', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(rowCount * 16))
    shared.set(rowsOf(4))
    const ask = (model: Model): Promise<Float64Array> => model.sampled!.outputs(shared, rowCount)
    const alone = await withModel(source, ask)
    expect(await withModel(source, ask, 2)).toEqual(alone)
    expect([...alone]).toEqual(await outputsOf(source))
    expect(shared).toEqual(rowsOf(4))
  })

  it('may be none', async () => {
    expect(await withModel(source, ({ sampled }) => sampled!.outputs(new Float32Array(0), 0))).toHaveLength(0)
  })
})

describe.for(['taiwan', 'south_german'])('nets trained on %s', (dataset) => {
  it.for(['mlp', 'mlp12'])(
    '%s: log-odds are those of the graph that shows them, bit for bit',
    async (name, { skip }) => {
      const folder = `${golden}/${dataset}/${name}`
      if (!existsSync(folder)) skip(`no golden files at ${golden}: set RAISON_GOLDEN_DIR`)
      const session = await InferenceSession.create(readFileSync(`${folder}/model_with_logit.onnx`))
      const width = name === 'mlp12' ? 12 : dataset === 'taiwan' ? 23 : 20
      const rows = rowsOf(width, 1000)
      const input = new Tensor('float32', rows.slice(), [rowCount, width])
      const logits = (await session.run({ input }, ['add_result2']))['add_result2']!.data
      await session.release()
      const source = sourceOf(readFileSync(`${folder}/model.onnx`), width, { output: 'probabilities' })
      const outputs = await withModel(source, ({ sampled }) => sampled!.outputs(rows, rowCount))
      expect([...outputs]).toEqual(Array.from(logits as Float32Array))
    },
  )
})
