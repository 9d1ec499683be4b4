import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findingsOf } from './check.ts'

const bundles = fileURLToPath(new URL('../../../examples/loan-demo/bundles', import.meta.url))

test.each([
  ['loan-xgboost', 'exact-trees'],
  ['loan-lightgbm', 'exact-trees'],
  ['loan-logistic', 'exact-linear'],
])('finds nothing against %s', async (name, method) => {
  const findings = await findingsOf(`${bundles}/${name}`)
  expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(['ok']))
  const told = findings.map(({ text }) => text).join('\n')
  expect(told).toContain(method)
  expect(told).toContain('23 features in 19 players')
  const gaps = [...told.matchAll(/largest (?:gap|difference) (\S+)/g)].map(([, gap]) => Number(gap))
  expect(gaps).toHaveLength(2)
  expect(Math.max(...gaps)).toBeLessThan(1e-5)
})

test('warns of fewer rows than asked for, and the bundle is usable', async () => {
  const findings = await findingsOf(await copyOf('loan-logistic', change('bundle.yaml', 'size: 100', 'size: 100000')))
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([
    { level: 'warning', text: expect.stringContaining('fewer than size: 100000') as string },
  ])
})

type Breakage = (directory: string) => Promise<unknown>

describe('a broken bundle is one error, with its code and place:', () => {
  const breakages: readonly [string, RegExp, Breakage][] = [
    ['no bundle.yaml', /^BUNDLE_MISSING: /, (dir) => rm(join(dir, 'bundle.yaml'))],
    ['no model', /BUNDLE_FILE_MISSING: bundle\.yaml:5:/, (dir) => rm(join(dir, 'model.onnx'))],
    ['no reference rows', /REFERENCE_EMPTY: /, change('reference.csv', /\n[^]*/, '\n')],
    ['text in the reference', /REFERENCE_VALUE: reference\.csv:2:/, change('reference.csv', '\n', '\nx')],
    ['nobody approved', /BUNDLE_REFERENCE_EMPTY: /, change('bundle.yaml', 'cutoff: 0.2', 'cutoff: 0')],
    ['a model cut short', /MODEL_CORRUPTED: /, (dir) => truncate(join(dir, 'model.onnx'), 1000)],
    ['a model of text', /MODEL_CORRUPTED: /, (dir) => writeFile(join(dir, 'model.onnx'), '<html>404</html>')],
    ['a feature too few', /MODEL_FEATURE_COUNT: /, dropFeature],
    [
      'an unknown key',
      /BUNDLE_INVALID: bundle\.yaml:\d+:.*colour/,
      change('bundle.yaml', /^model:/m, 'colour: 1\nmodel:'),
    ],
    ['bad YAML', /BUNDLE_YAML: bundle\.yaml:\d+/, change('bundle.yaml', /$/, '  - : {\n')],
    ['a reason of no feature', /REASONS_INVALID: reasons\.yaml:\d+/, change('reasons.yaml', 'savings', 'saving')],
    ['a file outside', /BUNDLE_PATH: /, change('bundle.yaml', 'file: model.onnx', 'file: ../../model.onnx')],
  ]

  test.each(breakages)('%s', async (_, told, breakIt) => {
    expect(await findingsOf(await copyOf('loan-logistic', breakIt))).toEqual([
      { level: 'error', code: expect.any(String) as string, text: expect.stringMatching(told) as string },
    ])
  })
})

async function copyOf(name: string, alter: Breakage): Promise<string> {
  const workplace = await mkdtemp(join(tmpdir(), 'raison-check-'))
  onTestFinished(() => rm(workplace, { recursive: true }))
  const directory = join(workplace, 'bundle')
  await cp(`${bundles}/${name}`, directory, { recursive: true })
  await alter(directory)
  return directory
}

function change(file: string, from: string | RegExp, to: string): Breakage {
  return async (directory) => {
    const before = await readFile(join(directory, file), 'utf8')
    const after = before.replace(from, to)
    expect(after).not.toBe(before)
    await writeFile(join(directory, file), after)
  }
}

/** bundle.yaml and the reference lose a feature, and the catalogue that names it; the model keeps wanting it. */
async function dropFeature(directory: string): Promise<void> {
  await change('bundle.yaml', / {2}- name: dependants\n(?: {4}.*\n)+/, '')(directory)
  await change('bundle.yaml', /^reasons: .*\n/m, '')(directory)
  const rows = (await readFile(join(directory, 'reference.csv'), 'utf8')).trimEnd().split('\n')
  const column = rows[0]!.split(',').indexOf('dependants')
  const kept = rows.map((row) => row.split(',').toSpliced(column, 1).join(','))
  await writeFile(join(directory, 'reference.csv'), kept.join('\n'))
}
