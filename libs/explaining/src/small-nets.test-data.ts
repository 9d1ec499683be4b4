import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A step of a graph; `constants` are the tensors among its inputs. */
export interface Step {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly constants?: readonly Constant[]
  readonly axes?: readonly number[]
}

interface Constant {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: readonly number[]
}

/** An ONNX model of `featureCount` floats named `input` whose output is `p`. */
export function encodeModel(featureCount: number, steps: readonly Step[]): Uint8Array {
  const graph = [
    ...steps.map((step) => field(1, nodeOf(step))),
    field(2, 'net'),
    ...steps.flatMap(({ constants = [] }) => constants.map((constant) => field(5, tensorOf(constant)))),
    field(11, [...field(1, 'input'), ...field(2, floats(['rows', featureCount]))]),
    field(12, [...field(1, 'p'), ...field(2, floats(undefined))]),
  ]
  return Uint8Array.from([...number(1, 8), ...field(8, [...field(1, ''), ...number(2, 17)]), ...field(7, graph.flat())])
}

/** tanh between two layers, and a sigmoid: no exact route. Weights spread over −size … size, the same every time. */
export function tanhNet(featureCount: number, units: number, size = 1.2): Uint8Array {
  const first = constant('w1', [featureCount, units], spread(featureCount * units, size))
  const second = constant('w2', [units, 1], spread(units + 1, size).slice(1))
  return encodeModel(featureCount, [
    { op: 'MatMul', inputs: ['input', 'w1'], output: 'hidden', constants: [first] },
    { op: 'Tanh', inputs: ['hidden'], output: 'active' },
    { op: 'MatMul', inputs: ['active', 'w2'], output: 'logits', constants: [second] },
    { op: 'Sigmoid', inputs: ['logits'], output: 'p' },
  ])
}

/** The square root of all features' product: NaN for an odd number of negative ones. */
export function rootOfProduct(featureCount: number): Uint8Array {
  return encodeModel(featureCount, [
    { op: 'ReduceProd', inputs: ['input'], output: 'product', axes: [1] },
    { op: 'Sqrt', inputs: ['product'], output: 'logits' },
    { op: 'Sigmoid', inputs: ['logits'], output: 'p' },
  ])
}

export const constant = (name: string, dims: readonly number[], values: readonly number[]): Constant => ({
  name,
  dims,
  values,
})

/** Numbers between −size and size, the same every time. */
export const spread = (count: number, size: number): number[] =>
  Array.from({ length: count }, (_, k) => size * ((((k + 1) * 0.6180339887498949) % 1) * 2 - 1))

export interface SmallBundle {
  readonly model: Uint8Array
  /** Row-major. */
  readonly reference: readonly number[]
  readonly featureCount: number
  readonly players?: readonly { readonly name: string; readonly features: readonly string[] }[]
  readonly explain?: string
  /** Lines of the training file, without header. */
  readonly training?: readonly string[]
}

/** A bundle of features f0, f1, …; writes it into a temporary directory, and answers that. */
export async function writeBundle(bundle: SmallBundle): Promise<string> {
  const { model, reference, featureCount, players, explain = 'log-odds', training } = bundle
  const directory = await mkdtemp(join(tmpdir(), 'raison-small-'))
  const names = Array.from({ length: featureCount }, (_, i) => `f${i}`)
  const rows = Array.from({ length: reference.length / featureCount }, (_, k) =>
    reference.slice(k * featureCount, (k + 1) * featureCount).join(','),
  )
  const settings = {
    model: { name: 'small', version: '1', file: 'model.onnx', output: 'p', explain },
    decision: { adverse: 'high', cutoff: 0.5 },
    reference: { file: 'reference.csv', population: 'all', size: rows.length },
    ...(players && { players }),
    ...(training && { training: { file: 'training.csv' } }),
    features: names.map((name) => ({ name })),
  }
  await writeFile(join(directory, 'model.onnx'), model)
  await writeFile(join(directory, 'reference.csv'), [names.join(','), ...rows, ''].join('\n'))
  if (training !== undefined)
    await writeFile(join(directory, 'training.csv'), [names.join(','), ...training, ''].join('\n'))
  await writeFile(join(directory, 'bundle.yaml'), JSON.stringify(settings)) // JSON is YAML
  return directory
}

const nodeOf = ({ op, inputs, output, axes }: Step): number[] => [
  ...inputs.flatMap((input) => field(1, input)),
  ...field(2, output),
  ...field(4, op),
  ...(axes === undefined
    ? []
    : field(5, [...field(1, 'axes'), ...axes.flatMap((axis) => number(8, axis)), ...number(20, 7)])),
]

const tensorOf = ({ name, dims, values }: Constant): number[] => [
  ...dims.flatMap((dim) => number(1, dim)),
  ...number(2, 1),
  ...field(8, name),
  ...field(9, [...new Uint8Array(Float32Array.from(values).buffer)]),
]

const floats = (dims: readonly (number | string)[] | undefined): number[] =>
  field(1, [
    ...number(1, 1),
    ...(dims === undefined
      ? []
      : field(
          2,
          dims.flatMap((dim) => field(1, typeof dim === 'string' ? field(2, dim) : number(1, dim))),
        )),
  ])

/** A protobuf field that has a length. */
function field(tag: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === 'string' ? [...new TextEncoder().encode(content)] : content
  return [...varint(tag * 8 + 2), ...varint(bytes.length), ...bytes]
}

const number = (tag: number, value: number): number[] => [...varint(tag * 8), ...varint(value)]

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
