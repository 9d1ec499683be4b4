import { cp, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { writeBundleWithoutRoute } from './bundle-without-route.ts'
import { root, runRaison, stackTrace } from './run-raison.ts'

const bundles = `${root}/examples/loan-demo/bundles`

interface Report {
  readonly bundle: string
  readonly usable: boolean
  readonly findings: readonly { readonly level: string; readonly code?: string; readonly text: string }[]
}

describe('raison check', () => {
  test('of a usable bundle ends with status 0, as one JSON object where that is asked for', async () => {
    const { status, stdout, stderr } = await runRaison(['check', '--json', `${bundles}/loan-xgboost`])
    const report = JSON.parse(stdout) as Report
    expect({ status, stderr, usable: report.usable }).toEqual({ status: 0, stderr: '', usable: true })
    expect(report.findings.map(({ level }) => level)).toContain('ok')
  })

  test('of a bundle that is not there is that object too, with status 2', async () => {
    const { status, stdout } = await runRaison(['check', '--json', '/nowhere/at/all'])
    expect(status).toBe(2)
    const { usable, findings } = JSON.parse(stdout) as Report
    expect(usable).toBe(false)
    expect(findings).toEqual([
      { level: 'error', code: 'BUNDLE_MISSING', text: expect.stringContaining('BUNDLE_MISSING: ') as string },
    ])
  })

  test('says of a model without exact route which node is in the way, how it is explained, and to fit it', async () => {
    const { status, stdout } = await runRaison(['check', `${bundles}/loan-neural-net`])
    expect(status).toBe(0)
    expect(stdout).toMatch(/ok.*kernel-shap in log-odds.*no exact route: .*Concat/)
    expect(stdout).toMatch(/ok.*at most 4,096 rows of the model a decision/)
    expect(stdout).toMatch(/warning.*run raison fit .*loan-neural-net/)
  })

  test('of a model without any route says why, with status 2', async () => {
    const bundle = await mkdtemp(join(tmpdir(), 'raison-check-'))
    onTestFinished(() => rm(bundle, { recursive: true }))
    await writeBundleWithoutRoute(bundle)
    const { status, stdout } = await runRaison(['check', bundle])
    expect(status).toBe(2)
    expect(stdout).toMatch(/error.*MODEL_NOT_EXPLAINABLE: .*explain: probability/)
  })
})

test('a model cut short is refused with its code and status 2, never a stack trace, by check and by explain', async () => {
  const bundle = await mkdtemp(join(tmpdir(), 'raison-check-'))
  onTestFinished(() => rm(bundle, { recursive: true }))
  await cp(`${bundles}/loan-xgboost`, bundle, { recursive: true })
  await truncate(join(bundle, 'model.onnx'), 50_000)
  const checked = await runRaison(['check', bundle])
  const explained = await runRaison(['explain', '--bundle', bundle])
  expect(checked).toMatchObject({ status: 2, stderr: '' })
  expect(checked.stdout).toMatch(/error.*MODEL_CORRUPTED: /)
  expect(explained).toMatchObject({ status: 2, stdout: '' })
  expect(explained.stderr).toMatch(/^raison: MODEL_CORRUPTED: /)
  for (const { stdout, stderr } of [checked, explained]) expect(stdout + stderr).not.toMatch(stackTrace)
})
