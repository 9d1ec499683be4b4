import { cp, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { jsonLines, runRaison } from './run-raison.ts'

const bundles = fileURLToPath(new URL('../../examples/loan-demo/bundles', import.meta.url))
const decisions = fileURLToPath(new URL('../../examples/loan-demo/decisions.jsonl', import.meta.url))
const stackTrace = /\n\s+at .*:\d+/

interface Line {
  readonly eventId?: string
  readonly status: string
  readonly error?: { readonly code: string }
}

test('bad lines are rejected each with its code, in place, and the others are explained', async () => {
  const [good] = (await readFile(decisions, 'utf8')).split('\n') as [string]
  const { features } = JSON.parse(good) as { features: Record<string, unknown> }
  const line = (change: object): string => JSON.stringify({ eventId: 'e', features, ...change })
  const cases: readonly [string, string][] = [
    [good, 'OK'],
    ['{"eventId":', 'EVENT_NOT_JSON'],
    [line({ features: { ...features, age: undefined } }), 'FEATURE_MISSING'],
    [line({ features: { ...features, age: 'forty' } }), 'FEATURE_WRONG_TYPE'],
    [line({ features: { ...features, age: [40] } }), 'FEATURE_WRONG_TYPE'],
    [line({ features: { ...features, age: 1e39 } }), 'FEATURE_OUT_OF_RANGE'],
    [line({}).replace('"features"', '"score":NaN,"features"'), 'EVENT_NOT_JSON'],
    [line({ model: { name: 'other', version: '1' } }), 'MODEL_UNKNOWN'],
    [line({ eventId: '' }), 'EVENT_INVALID'],
    [`{"eventId":"${'x'.repeat(10_000_000)}"}`, 'LINE_TOO_LONG'],
    [line({ features: { ...features, savings: null } }), 'OK'],
    [line({ score: 0.99 }), 'REVIEW_REQUIRED'],
  ]
  const input = '\uFEFF' + cases.map(([text]) => text).join('\r\n')
  const { status, stdout, stderr } = await runRaison(['explain', '--bundle', `${bundles}/loan-xgboost`], input)

  const outcome = ({ status, error }: Line): string => error?.code ?? status
  expect(jsonLines<Line>(stdout).map(outcome)).toEqual(cases.map(([, expected]) => expected))
  expect(status).toBe(3)
  expect(stderr).not.toMatch(stackTrace)
})

test('an empty input gives no line, a note and status 0', async () => {
  const { status, stdout, stderr } = await runRaison(['explain', '--bundle', `${bundles}/loan-logistic`], '')
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(stderr).toContain('no decision')
})

describe('an unusable bundle is refused with its code and status 2', () => {
  const breakages: readonly [string, string, (directory: string) => Promise<unknown>][] = [
    ['without reference rows', 'REFERENCE_EMPTY', (dir) => writeFile(join(dir, 'reference.csv'), '')],
    ['with a truncated model', 'MODEL_CORRUPTED', (dir) => truncate(join(dir, 'model.onnx'), 1000)],
    ['with a model of another width', 'MODEL_FEATURE_COUNT', dropFeature],
    ['with an unknown setting', 'BUNDLE_INVALID', (dir) => appendTo(join(dir, 'bundle.yaml'), '\ncolour: red\n')],
    ['with bad YAML', 'BUNDLE_YAML', (dir) => appendTo(join(dir, 'bundle.yaml'), '\n  - : {')],
  ]
  test.each(breakages)('%s: %s', async (_, code, breakIt) => {
    const directory = join(await mkdtemp(join(tmpdir(), 'raison-broken-')), 'bundle')
    await cp(`${bundles}/loan-logistic`, directory, { recursive: true })
    await breakIt(directory)
    const { status, stdout, stderr } = await runRaison(['explain', '--bundle', directory], '')
    expect(stderr).toContain(code)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).not.toMatch(stackTrace)
  })

  test('that is not there: BUNDLE_MISSING', async () => {
    const { status, stderr } = await runRaison(['check', '/nowhere/at/all'])
    expect(status).toBe(2)
    expect(stderr).not.toMatch(stackTrace)
  })

  test('whose model has no exact route: MODEL_NOT_EXACT', async () => {
    const { status, stderr } = await runRaison(['explain', '--bundle', `${bundles}/loan-neural-net`], '')
    expect(status).toBe(2)
    expect(stderr).toContain('MODEL_NOT_EXACT')
  })
})

async function appendTo(file: string, text: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')) + text)
}

/** The reference loses a column, and bundle.yaml its feature and the catalogue that names it; the model keeps wanting it. */
async function dropFeature(directory: string): Promise<void> {
  const yaml = await readFile(join(directory, 'bundle.yaml'), 'utf8')
  const feature = / {2}- name: dependants\n(?: {4}.*\n)+/
  expect(yaml).toMatch(feature)
  await writeFile(join(directory, 'bundle.yaml'), yaml.replace(feature, '').replace(/^reasons: .*\n/m, ''))
  const rows = (await readFile(join(directory, 'reference.csv'), 'utf8')).trimEnd().split('\n')
  const column = rows[0]!.split(',').indexOf('dependants')
  const kept = rows.map((row) => row.split(',').toSpliced(column, 1).join(','))
  await writeFile(join(directory, 'reference.csv'), kept.join('\n'))
}
