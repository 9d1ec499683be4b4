import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-raison.ts'

/** Makes `directory` the bundle of a model of three classes that are no logistic function, to be explained in log-odds. */
export async function writeBundleWithoutRoute(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await copyFile(`${root}/libs/model-runtime/test-models/three-classes-linear.onnx`, join(directory, 'model.onnx'))
  await writeFile(join(directory, 'reference.csv'), 'a,b,c,d\n1,2,3,4\n2,1,0,3\n')
  await writeFile(
    join(directory, 'bundle.yaml'),
    `model: { name: classes, version: "1", file: model.onnx, output: probabilities, column: 1, explain: log-odds }
decision: { adverse: high, cutoff: 0.5 }
reference: { file: reference.csv, population: all, size: 2 }
features: [{ name: a }, { name: b }, { name: c }, { name: d }]
`,
  )
}
