import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)

test('scoring a model leaves nothing in the home directory, where onnxruntime keeps what it sends to its maker', async () => {
  const home = await mkdtemp(join(tmpdir(), 'raison-home-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const script = `
    import { readFileSync } from 'node:fs'
    import { openModel } from ${here('./index.ts')}
    const bytes = readFileSync(new URL(${here('../test-models/net.onnx')}))
    const source = { bytes, fileName: 'net.onnx', featureNames: [...'abcd'], output: 'probabilities', space: 'log-odds' }
    const model = await openModel(source)
    console.log((await model.score(new Float32Array(4), 1)).length)`
  // No other variables: some of them, of build servers, silence it too.
  const env = { PATH: process.env['PATH'], HOME: home }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env })
  expect(stdout.trim()).toBe('1')
  expect(await readdir(home)).toEqual([])
})

test('a thread cannot load onnxruntime where its process has not been told to send nothing', async () => {
  const script = `
    import { once } from 'node:events'
    import { Worker } from 'node:worker_threads'
    const [error] = await once(new Worker(new URL(${here('./no-telemetry.ts')}), { execArgv: [] }), 'error')
    console.log(error.message)`
  const env = { PATH: process.env['PATH'] }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env })
  expect(stdout).toContain('onnxruntime would send telemetry')
})
