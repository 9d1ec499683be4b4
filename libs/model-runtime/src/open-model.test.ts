import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { checkParse } from './check-parse.ts'
import type { Model, ModelSource, Space } from './model.ts'
import { ModelError } from './model-error.ts'
import { openModel } from './open-model.ts'

const nan = Number.NaN
const read = (name: string): Uint8Array => readFileSync(new URL(`../test-models/${name}.onnx`, import.meta.url))

const sourceOf = (name: string, output: string, changes: Partial<ModelSource> = {}): ModelSource => ({
  bytes: read(name),
  fileName: `${name}.onnx`,
  featureNames: ['a', 'b', 'c', 'd'],
  output,
  column: undefined,
  space: 'log-odds',
  ...changes,
})

async function withModel<T>(source: ModelSource, use: (model: Model) => T | Promise<T>): Promise<T> {
  const model = await openModel(source)
  try {
    return await use(model)
  } finally {
    await model.close()
  }
}

const codeOf = (source: ModelSource): Promise<string> =>
  withModel(source, () => 'opened').catch((error: unknown) =>
    error instanceof ModelError ? error.code : String(error),
  )

/** Values on and beside the thresholds of the models, which were trained on whole numbers. */
const interesting = [0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, 1.5, 31.665489196777344, -81.33, 1e30, Infinity, -Infinity, nan]
const rowsOf = (values: readonly number[]): Float32Array =>
  Float32Array.from(
    fc.sample(fc.array(fc.constantFrom(...values), { minLength: 4, maxLength: 4 }), { seed: 5, numRuns: 200 }).flat(),
  )
const rows = rowsOf(interesting)
const ordinaryRows = rowsOf(interesting.filter((value) => Math.abs(value) < 100))

describe('an exported model', () => {
  it.for<[name: string, output: string, space: Space, kind: string, column?: number]>([
    ['xgboost', 'probabilities', 'log-odds', 'trees'],
    ['lightgbm', 'probabilities', 'log-odds', 'trees'],
    ['lightgbm-categories', 'probabilities', 'log-odds', 'trees'],
    ['gradient-boosting', 'probabilities', 'log-odds', 'trees'],
    ['forest', 'probabilities', 'probability', 'trees'],
    ['tree', 'probabilities', 'probability', 'trees'],
    ['scaled-forest', 'probabilities', 'probability', 'trees'],
    ['forest-regressor', 'variable', 'raw', 'trees'],
    ['boosting-regressor', 'variable', 'raw', 'trees'],
    ['xgboost-regressor', 'variable', 'raw', 'trees'],
    ['lightgbm-regressor', 'variable', 'raw', 'trees'],
    ['three-classes', 'probabilities', 'raw', 'trees', 2],
    ['xgboost-three-classes', 'probabilities', 'raw', 'trees', 0],
    ['every-comparison', 'score', 'raw', 'trees'],
    ['one-row', 'probabilities', 'log-odds', 'trees'],
    ['three-rows', 'probabilities', 'log-odds', 'trees'],
    ['imputed-logistic', 'probabilities', 'log-odds', 'linear'],
    ['logistic', 'probabilities', 'log-odds', 'linear'],
    ['ranged-logistic', 'probabilities', 'log-odds', 'linear'],
    ['linear-regressor', 'variable', 'raw', 'linear'],
  ])(
    '%s agrees with onnxruntime on thresholds, infinities and missing values',
    async ([name, output, space, kind, column]) => {
      await withModel(sourceOf(name, output, { space, column }), async (model) => {
        expect(model.exact?.form.kind).toBe(kind)
        expect(model.acceptsMissing).toBe(kind === 'trees' || name.startsWith('imputed'))
        const difference = await checkParse(model, space, model.acceptsMissing ? rows : ordinaryRows, 200)
        expect(difference).toBeLessThan(kind === 'trees' ? 1e-5 : 5e-5)
      })
    },
  )

  it.for([
    ['net', 'Concat', true],
    ['normalized-logistic', 'Normalizer', false],
    ['three-classes-linear', 'Normalizer', false, 1],
  ] as const)('%s is scored, and says that %s keeps it from the exact route', async ([name, node, missing, column]) => {
    await withModel(sourceOf(name, 'probabilities', { column }), async (model) => {
      expect(model.exact).toBeUndefined()
      expect(model.whyNotExact).toContain(node)
      expect(model.acceptsMissing).toBe(missing)
      const scores = await model.score(ordinaryRows, 200)
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
    })
  })

  it('has no exact route to a probability that is the logistic function of a sum', async () => {
    await withModel(sourceOf('xgboost', 'probabilities', { space: 'probability' }), (model) => {
      expect(model.whyNotExact).toContain('explain: log-odds is exact')
    })
  })

  it('gives column 0 as the complement of column 1', async () => {
    const first = await withModel(sourceOf('xgboost', 'probabilities', { column: 0 }), async (model) => {
      expect(await checkParse(model, 'log-odds', rows, 200)).toBeLessThan(1e-5)
      return model.score(rows, 200)
    })
    const second = await withModel(sourceOf('xgboost', 'probabilities'), (model) => model.score(rows, 200))
    first.forEach((score, row) => expect(score + second[row]!).toBeCloseTo(1, 6))
  })

  it('does not keep the process alive', () => {
    const script = `
      const { openModel } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
      const { readFileSync } = await import('node:fs')
      const bytes = readFileSync(new URL(${JSON.stringify(new URL('../test-models/net.onnx', import.meta.url).href)}))
      const source = { bytes, fileName: 'net.onnx', featureNames: [...'abcd'], output: 'probabilities', space: 'log-odds' }
      const model = await openModel(source)
      console.log((await model.score(new Float32Array(8), 2)).length)`
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { timeout: 60_000 })
    expect(output.toString().trim()).toBe('2')
  })

  it('scores a row alike alone, in a crowd, and on several workers', async () => {
    const model = await openModel(sourceOf('logistic', 'probabilities'), { workers: 3 })
    const together = await model.score(ordinaryRows, 200)
    const alone = await Promise.all(
      Array.from({ length: 200 }, (_, row) => model.score(ordinaryRows.subarray(row * 4, row * 4 + 4), 1)),
    )
    expect(alone.map(([score]) => score)).toEqual([...together])
    expect(await model.score(ordinaryRows, 0)).toHaveLength(0)
    await model.close()
  })
})

describe('a model that cannot be used', () => {
  it.for<[code: string, source: ModelSource]>([
    ['MODEL_CORRUPTED', sourceOf('xgboost', 'probabilities', { bytes: new Uint8Array() })],
    ['MODEL_CORRUPTED', sourceOf('xgboost', 'probabilities', { bytes: new TextEncoder().encode('no model at all') })],
    ['MODEL_OUTPUT_UNKNOWN', sourceOf('xgboost', 'score')],
    ['MODEL_OUTPUT_UNSUPPORTED', sourceOf('xgboost', 'label')],
    ['MODEL_OUTPUT_UNSUPPORTED', sourceOf('zipmap', 'output_probability')],
    ['MODEL_OUTPUT_AMBIGUOUS', sourceOf('three-classes', 'probabilities')],
    ['MODEL_COLUMN_UNKNOWN', sourceOf('three-classes', 'probabilities', { column: 3 })],
    ['MODEL_FEATURE_COUNT', sourceOf('xgboost', 'probabilities', { featureNames: ['a', 'b'] })],
    ['MODEL_INPUT_UNSUPPORTED', sourceOf('many-inputs', 'probabilities')],
    ['MODEL_SPACE_UNSUPPORTED', sourceOf('forest', 'probabilities')],
    ['MODEL_SPACE_UNSUPPORTED', sourceOf('three-classes', 'probabilities', { column: 1 })],
    ['MODEL_REFUSED', sourceOf('net', 'probabilities', { bytes: fromTheFuture(read('net')) })],
  ])('gets %s', async ([code, source]) => {
    expect(await codeOf(source)).toBe(code)
  })

  it('is told what to write instead', async () => {
    await expect(openModel(sourceOf('xgboost', 'label'))).rejects.toThrow(
      'xgboost.onnx: output "label" holds labels, not scores; name probabilities instead',
    )
  })

  it('is refused when the exact route differs from onnxruntime', async () => {
    await withModel(sourceOf('logistic', 'probabilities'), async (model) => {
      const form = model.exact!.form as { kind: 'linear'; coefficients: Float64Array; intercept: number }
      const wrong = { ...model, exact: { ...model.exact!, form: { ...form, intercept: form.intercept + 0.001 } } }
      await expect(checkParse(wrong, 'log-odds', ordinaryRows, 200)).rejects.toMatchObject({
        code: 'MODEL_PARSE_MISMATCH',
      })
    })
  })

  it('is refused or still agrees when it was cut off or damaged', async () => {
    const bytes = read('lightgbm')
    const cut = Array.from({ length: 10 }, (_, tenth) => bytes.slice(0, Math.floor((bytes.length * tenth) / 10)))
    const damage = fc.tuple(fc.noBias(fc.nat(bytes.length - 1)), fc.noBias(fc.nat(255)))
    const damaged = fc
      .sample(damage, { seed: 9, numRuns: 25 })
      .map(([at, value]) => bytes.slice().fill(value, at, at + 1))
    for (const bytes of [...cut, ...damaged])
      try {
        await withModel(sourceOf('lightgbm', 'probabilities', { bytes }), (model) =>
          checkParse(model, 'log-odds', rows, 200),
        )
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError)
      }
  })
})

/** The same bytes asking for operator set 127 of ai.onnx: the version is the last varint of the opset entry 42 04 0a 00 10 vv. */
function fromTheFuture(bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex((byte, i) => byte === 0x0a && bytes[i + 1] === 0 && bytes[i + 2] === 0x10)
  return at < 0 ? bytes : bytes.slice().fill(127, at + 3, at + 4)
}
