import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)

/** Loads onnxruntime and scores without pause on two threads, and ends after so many milliseconds as a program would. */
const scoring = (endsAfterMs: number): string => `
  import { readFileSync } from 'node:fs'
  import { openModel } from ${here('./index.ts')}
  setTimeout(() => process.exit(3), ${endsAfterMs})
  const bytes = readFileSync(new URL(${here('../test-models/net.onnx')}))
  const source = { bytes, fileName: 'net.onnx', featureNames: [...'abcd'], output: 'probabilities', space: 'log-odds' }
  const model = await openModel(source, { workers: 2 })
  for (;;) await model.score(new Float32Array(4 * 512), 512)`

// Without `callNatively` about a quarter of them abort: all of twelve go well once in thirty.
test.each([60, 80, 100, 120, 140, 160, 180, 200, 240, 280, 320, 400])(
  'a process that ends while its threads load onnxruntime or score ends with the status it asks for, after %i ms',
  async (ms) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', scoring(ms)], { stdio: 'ignore' })
    expect(await once(child, 'close')).toEqual([3, null])
  },
)

test('a pool that is closed while it scores answers what it was asked, and ends no process', async () => {
  const script = `
    import { readFileSync } from 'node:fs'
    import { openModel } from ${here('./index.ts')}
    const bytes = readFileSync(new URL(${here('../test-models/net.onnx')}))
    const source = { bytes, fileName: 'net.onnx', featureNames: [...'abcd'], output: 'probabilities', space: 'log-odds' }
    for (let k = 0; k < 5; k++) {
      const model = await openModel(source)
      const scores = model.score(new Float32Array(4 * 20_000), 20_000)
      await model.close()
      if ((await scores).length !== 20_000) process.exit(4)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' })
  expect(await once(child, 'close')).toEqual([0, null])
})
