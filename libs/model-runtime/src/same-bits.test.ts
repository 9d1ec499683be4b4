import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model, ModelSource, Space } from './model.ts'
import { openModel } from './open-model.ts'
import type { Piece } from './small-nets.test-data.ts'
import { constant, dense, encodeNet, integers, spread, step } from './small-nets.test-data.ts'

const test = (name: string): Uint8Array => readFileSync(new URL(`../test-models/${name}.onnx`, import.meta.url))
const demo = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../examples/loan-demo/bundles/${name}/model.onnx`, import.meta.url))
const sigmoid = step('Sigmoid', ['logits'], 'probabilities')
const net = (activation: (from: string, to: string) => Piece, fixedRows = 0): Uint8Array =>
  encodeNet(7, [dense([7, 37, 19, 1], activation), sigmoid], ['probabilities'], fixedRows)
const softplus = (from: string, to: string): Piece => step('Softplus', [from], to)

/** Adds up each row from its address on, so that a row's sum depends on its place. */
const centred = (from: string, to: string): Piece => {
  const mean = step('ReduceMean', [from], `mean of ${from}`, { keepdims: 1 })
  const axis = { name: 'axes', ints: [1], type: 7 }
  const nodes = mean.nodes.map((node) => ({ ...node, attribute: [...node.attribute, axis as never] }))
  const difference = step('Sub', [from, `mean of ${from}`], to)
  return { nodes: [...nodes, ...difference.nodes], constants: [] }
}

/** Refuses rows whose first number is none of its table: no made-up row passes. */
const embedding = encodeNet(
  4,
  [
    step('Gather', ['input', 'columns'], 'chosen', { axis: 1 }, [integers('columns', [1], [0])]),
    step('Cast', ['chosen'], 'category', { to: 7 }),
    step('Gather', ['table', 'category'], 'found', { axis: 0 }, [constant('table', [8, 1], spread(8, 2))]),
    step('Flatten', ['found'], 'logits'),
    sigmoid,
  ],
  ['probabilities'],
)

/** Named after what each is there for. */
const models: readonly [name: string, bytes: Uint8Array, featureCount: number, space?: Space][] = [
  ['the demo net', demo('loan-neural-net'), 23],
  ['a net of 256, 256 and 128', encodeNet(23, [dense([23, 256, 256, 128, 1]), sigmoid], ['probabilities']), 23],
  ['Softplus, whose vectors leave a rest', net(softplus), 7],
  ['sums that depend on the place', net(centred), 7],
  ['made-up rows refused', embedding, 4],
  [
    'softmax',
    encodeNet(7, [dense([7, 20, 2]), step('Softmax', ['logits'], 'probabilities', { axis: 1 })], ['probabilities']),
    7,
  ],
  ['a net whose probability is explained', test('net'), 4, 'probability'],
  ['a linear model, whose lone rows differ', demo('loan-logistic'), 23],
  ['a pipeline', test('normalized-logistic'), 4],
  ['trees as a black box', demo('loan-xgboost'), 23],
  ['the same in runs of exactly three rows', net(softplus, 3), 7],
]

const rowCount = 330
const rowsOf = (featureCount: number): Float32Array =>
  Float32Array.from(spread(rowCount * featureCount, 3), (value, i) =>
    i % featureCount === 0 ? (i / featureCount) % 8 : value,
  )

const sourceOf = (bytes: Uint8Array, featureCount: number, space: Space = 'log-odds'): ModelSource => ({
  bytes,
  fileName: 'model.onnx',
  featureNames: Array.from({ length: featureCount }, (_, i) => `x${i}`),
  output: 'probabilities',
  column: undefined,
  space,
})

describe('the bits of a row', () => {
  it.for(models)(
    'are the same alone, in any company, any place, on two workers: %s',
    async ([, bytes, width, space]) => {
      const rows = rowsOf(width)
      const one = await openModel(sourceOf(bytes, width, space))
      const two = await openModel(sourceOf(bytes, width, space), { workers: 2 })
      try {
        const order = Array.from({ length: rowCount }, (_, row) => row)
        const expected = await askFor(one, rows, order)
        expect(new Set(expected).size).toBeGreaterThan(4)
        const orders = [order.toReversed(), ...companies()]
        for (const [k, rowsAsked] of orders.entries())
          expect(await askFor(k % 3 === 2 ? two : one, rows, rowsAsked)).toEqual(pick(expected, rowsAsked))
      } finally {
        await Promise.all([one.close(), two.close()])
      }
    },
  )

  it('are the same in another process', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'raison-bits-'))
    try {
      const here: string[] = []
      for (const [k, [, bytes, width, space]] of models.entries()) {
        writeFileSync(join(directory, `${k}.onnx`), bytes)
        const model = await openModel(sourceOf(bytes, width, space))
        here.push(digest(await model.sampled!.outputs(rowsOf(width), rowCount)))
        await model.close()
      }
      const asked = models.map(([, , width, space], k) => ({ k, rows: [...rowsOf(width)], width, space }))
      writeFileSync(join(directory, 'asked.json'), JSON.stringify(asked))
      expect(askElsewhere(directory)).toEqual(here)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

/** Rows in the order asked for, alternately by themselves and with their scores. */
async function askFor(model: Model, rows: Float32Array, order: readonly number[]): Promise<number[]> {
  const width = model.featureCount
  const asked = Float32Array.from(order.flatMap((row) => [...rows.subarray(row * width, (row + 1) * width)]))
  if (order.length % 2 === 0) return [...(await model.sampled!.outputs(asked, order.length))]
  const { scores, outputs } = await model.sampled!.scoresAndOutputs(asked.slice(), order.length)
  expect(scores).toEqual(await model.score(asked, order.length))
  return [...outputs]
}

/** Single rows, and companies of up to 300 in a repeatable disorder. */
function companies(): number[][] {
  const sizes = [1, 1, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 129, 255, 257, 300]
  return sizes.map((size, k) => Array.from({ length: size }, (_, i) => (k * 97 + i * 53 + i * i) % rowCount))
}

const pick = (values: readonly number[], order: readonly number[]): number[] => order.map((row) => values[row]!)

const digest = (values: Float64Array): string =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')

function askElsewhere(directory: string): string[] {
  const script = `
    const { openModel } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const { readFileSync } = await import('node:fs')
    const { createHash } = await import('node:crypto')
    const directory = ${JSON.stringify(directory)}
    const digests = []
    for (const { k, rows, width, space } of JSON.parse(readFileSync(directory + '/asked.json', 'utf8'))) {
      const bytes = readFileSync(directory + '/' + k + '.onnx')
      const featureNames = Array.from({ length: width }, (_, i) => 'x' + i)
      const model = await openModel(
        { bytes, fileName: 'model.onnx', featureNames, output: 'probabilities', space: space ?? 'log-odds' }, { workers: 2 })
      const values = await model.sampled.outputs(Float32Array.from(rows), rows.length / width)
      digests.push(createHash('sha256').update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest('hex'))
      await model.close()
    }
    console.log(JSON.stringify(digests))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { timeout: 120_000 })
  return JSON.parse(output.toString()) as string[]
}
