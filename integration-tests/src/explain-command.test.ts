import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBundleWithoutRoute } from './bundle-without-route.ts'
import { jsonLines, root, runRaison, stackTrace, type Run } from './run-raison.ts'

const bundles = `${root}/examples/loan-demo/bundles`
const xgboost = ['explain', '--bundle', `${bundles}/loan-xgboost`]
const logistic = ['explain', '--bundle', `${bundles}/loan-logistic`]
const decisionsFile = `${root}/examples/loan-demo/decisions.jsonl`
/** What every line has of the contract's fields, with reasons only. */
const promised = [
  ...['eventId', 'status', 'baseValue', 'modelOutput', 'method', 'reasons', 'outcome', 'score', 'adverse', 'space'],
  ...['model', 'reference', 'budget'],
]

interface Explained {
  readonly eventId?: string
  readonly status: string
  readonly error?: { readonly code: string; readonly message: string }
  readonly line?: number
  readonly baseValue: number
  readonly modelOutput: number
  readonly score: number
  readonly outcome: string
  readonly reviewReasons: readonly string[]
  readonly reasons: readonly { readonly code: string; readonly contribution: number }[]
  readonly contributions: readonly { readonly feature: string; readonly contribution: number }[]
}

let workplace: string
let withoutRoute: string
let text: string
let lines: string[]

beforeAll(async () => {
  workplace = await mkdtemp(join(tmpdir(), 'raison-explain-'))
  withoutRoute = join(workplace, 'without-route')
  await writeBundleWithoutRoute(withoutRoute)
  text = await readFile(decisionsFile, 'utf8')
  lines = text.trimEnd().split('\n')
})

afterAll(() => rm(workplace, { recursive: true }))

describe('raison explain', () => {
  test('from file to file, every contribution: one line a decision, in order, adding up to the output', async () => {
    const output = join(workplace, 'explained.jsonl')
    const run = await runRaison([
      ...[...xgboost, '--input', decisionsFile],
      ...['--output', output, '--contributions', 'all'],
    ])
    expect(run).toMatchObject({ status: 0, stdout: '' })
    expect(run.stderr).toContain('8 explained')

    const explained = jsonLines<Explained>(await readFile(output, 'utf8'))
    expect(explained.map(({ eventId }) => eventId)).toEqual(lines.map(eventIdOf))
    for (const line of explained) {
      const sum = line.contributions.reduce((total, { contribution }) => total + contribution, line.baseValue)
      expect(Math.abs(sum - line.modelOutput)).toBeLessThanOrEqual(1e-6)
      expect(line.contributions).toHaveLength(19)
      expect(line.outcome).toBe(line.score >= 0.2 ? 'DECLINED' : 'APPROVED')
    }
    expect(explained[0]).toMatchObject({
      method: 'exact-trees',
      space: 'log-odds',
      adverse: 'high',
      model: { name: 'loan-xgboost', version: '1.0.0', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      reference: { population: 'just-above-cutoff', rows: 100, sha256: expect.any(String) as string },
    })
  })

  test('gives a line the same bytes in another run and in another place', async () => {
    const forward = await runRaison(xgboost, text)
    const backward = await runRaison([...xgboost, '--input', '-'], lines.toReversed().join('\n'))
    expect(forward.status).toBe(0)
    expect(backward.stdout.trimEnd().split('\n').toReversed()).toEqual(forward.stdout.trimEnd().split('\n'))
    expect(forward.stdout.endsWith('\n')).toBe(true)
  })

  test('with reasons only: the promised fields, at most four reasons, no contributions', async () => {
    const { stdout } = await runRaison([...logistic, '--contributions', 'reasons', '--input', decisionsFile])
    const explained = jsonLines<Explained>(stdout)
    expect(explained).toHaveLength(lines.length)
    for (const line of explained) {
      expect(Object.keys(line)).toEqual(expect.arrayContaining(promised))
      expect(line).not.toHaveProperty('contributions')
      expect(line.reasons.length).toBeLessThanOrEqual(4)
    }
    expect(explained.some(({ reasons }) => reasons.length > 0)).toBe(true)
  })

  test('of an empty input writes nothing, says so and has succeeded', async () => {
    const runs = await Promise.all(['', '\uFEFF\r\n \n'].map((input) => runRaison(logistic, input)))
    for (const run of runs) {
      expect(run).toMatchObject({ status: 0, stdout: '' })
      expect(run.stderr).toContain('no decision')
    }
  })

  test('ends in silence when its reader has seen enough', async () => {
    const input = join(workplace, 'many.jsonl')
    await writeFile(input, text.repeat(500))
    const { stdout, stderr } = await shell(
      `${[process.execPath, `${root}/services/cli/src/main.ts`, ...xgboost].join(' ')} < ${input} | head -n 1; echo "\${PIPESTATUS[0]}"`,
    )
    const [first, status] = stdout.trimEnd().split('\n')
    expect(JSON.parse(first!)).toMatchObject({ eventId: eventIdOf(lines[0]!) })
    expect(status).toBe('0')
    expect(stderr).not.toMatch(/EPIPE|error/i)
  })
})

describe('a line', () => {
  let expected: readonly (readonly [name: string, input: string | Buffer, outcome: string, eventId?: string])[]
  let run: Run
  let explained: Explained[]

  beforeAll(async () => {
    const { features } = JSON.parse(lines[0]!) as { features: Record<string, unknown> }
    const decision = (change: object): string => JSON.stringify({ eventId: 'e', features, ...change })
    const feature = (change: object): string => decision({ features: { ...features, ...change } })
    const raw = (from: string, to: string): string => decision({}).replace(from, to)
    expected = [
      ['a decision', lines[0]!, 'OK', 'LOAN-000001-1'],
      ['the same event again', lines[0]!, 'OK', 'LOAN-000001-1'],
      ['cut short', '{"eventId":"cut', 'EVENT_NOT_JSON'],
      ['no JSON', 'eventId,age', 'EVENT_NOT_JSON'],
      ['a list', '[1]', 'EVENT_INVALID'],
      ['null', 'null', 'EVENT_INVALID'],
      ['without eventId', decision({ eventId: undefined }), 'EVENT_INVALID'],
      ['an empty eventId', decision({ eventId: '' }), 'EVENT_INVALID', ''],
      ['without features', decision({ features: undefined }), 'EVENT_INVALID', 'e'],
      ['a feature not named', feature({ age: undefined }), 'FEATURE_MISSING', 'e'],
      ['null in a feature', feature({ age: null }), 'OK', 'e'],
      ['text in a number', feature({ age: 'forty' }), 'FEATURE_WRONG_TYPE', 'e'],
      ['a number as text', feature({ age: '40' }), 'FEATURE_WRONG_TYPE', 'e'],
      ['a code by its name', feature({ home_owner: 'yes' }), 'OK', 'e'],
      ['a boolean', feature({ age: true }), 'FEATURE_WRONG_TYPE', 'e'],
      ['a list', feature({ age: [40] }), 'FEATURE_WRONG_TYPE', 'e'],
      ['an object', feature({ age: { years: 40 } }), 'FEATURE_WRONG_TYPE', 'e'],
      ['beyond float32', feature({ age: 1e39 }), 'FEATURE_OUT_OF_RANGE', 'e'],
      ['beyond float64', raw('"age":50', '"age":1e999'), 'FEATURE_OUT_OF_RANGE', 'e'],
      ['the largest float32', feature({ age: 3.4e38 }), 'OK', 'e'],
      ['NaN', raw('"age":50', '"age":NaN'), 'EVENT_NOT_JSON'],
      ['another model', decision({ model: { name: 'other', version: '1' } }), 'MODEL_UNKNOWN', 'e'],
      ['another version', decision({ model: { name: 'loan-xgboost', version: '2' } }), 'MODEL_UNKNOWN', 'e'],
      ['this model', decision({ model: { name: 'loan-xgboost', version: '1.0.0' } }), 'OK', 'e'],
      ['score as text', decision({ score: '0.5' }), 'EVENT_INVALID', 'e'],
      ['a score far away', decision({ score: 0.99 }), 'REVIEW_REQUIRED', 'e'],
      ['ten million characters', `{"eventId":"${'x'.repeat(10_000_000)}"}`, 'LINE_TOO_LONG'],
      ['not UTF-8', Buffer.from('{"eventId":"é"}', 'latin1'), 'LINE_NOT_UTF8'],
      ['beyond ASCII', decision({ eventId: 'é 🙂 \u2028 "\\' }), 'OK', 'é 🙂 \u2028 "\\'],
      ['__proto__', raw('"age":50', '"age":50,"__proto__":1,"constructor":2'), 'OK', 'e'],
      ['__proto__ for a feature', raw('"age":50', '"__proto__":{"age":50}'), 'FEATURE_WRONG_TYPE', 'e'],
      ['fields and features of others', feature({ shoe_size: 43 }).replace('{', '{"channel":"web",'), 'OK', 'e'],
      ['without a newline', decision({ eventId: 'last' }), 'OK', 'last'],
    ]
    // A byte order mark, Windows line ends, an empty line, and none after the last.
    const pieces = expected.flatMap(([, input], k) => [Buffer.from(k === 0 ? '' : '\r\n'), Buffer.from(input)])
    run = await runRaison(xgboost, Buffer.concat([Buffer.from('\uFEFF'), ...pieces]))
    explained = jsonLines<Explained>(run.stdout)
  })

  test('that cannot be explained is rejected with its code in its place, and all others are explained', () => {
    const told = explained.map(({ error, status }, k) => [expected[k]?.[0], error?.code ?? status])
    expect(told).toEqual(expected.map(([name, , outcome]) => [name, outcome]))
    expect(run.status).toBe(3)
  })

  test('keeps its eventId wherever it can be read', () => {
    const ids = explained.map(({ eventId }, k) => [expected[k]?.[0], eventId])
    expect(ids).toEqual(expected.map(([name, , , eventId]) => [name, eventId]))
  })

  test('that is rejected has its number, a message, and nothing else', () => {
    explained.forEach((line, k) => {
      if (line.error === undefined) return
      expect({ eventId: '', ...line }).toEqual({
        line: k + 1,
        eventId: line.eventId ?? '',
        status: 'REJECTED',
        error: { code: line.error.code, message: expect.stringMatching(/\w{3}/) as string },
      })
    })
  })

  test('with a published score far away is for a person to look at', () => {
    const far = explained[expected.findIndex(([name]) => name === 'a score far away')]!
    expect(far).toMatchObject({ reviewReasons: ['SCORE_PARITY'], score: 0.99, outcome: 'DECLINED' })
  })

  test('that is bad leaves one summary on standard error, never a stack trace', () => {
    const rejected = expected.filter(([, , outcome]) => outcome.includes('_') && outcome !== 'REVIEW_REQUIRED').length
    expect(run.stderr).toBe(`${expected.length - rejected} explained, ${rejected} rejected\n`)
  })
})

describe('raison explain refuses, with status 2 and nothing on standard output,', () => {
  const cases: readonly [string, () => readonly string[], string][] = [
    ['no bundle', () => ['explain'], '--bundle'],
    ['a bundle that is not there', () => ['explain', '--bundle', join(workplace, 'nowhere')], 'BUNDLE_MISSING'],
    ['a model without any route', () => ['explain', '--bundle', withoutRoute], 'MODEL_NOT_EXPLAINABLE'],
    ['an unknown option', () => [...logistic, '--colour', 'red'], '--colour'],
    ['a directory for input', () => [...logistic, '--input', workplace], 'INPUT_NOT_LINES'],
    ['a directory for output', () => [...logistic, '--output', workplace], 'EISDIR'],
    ['a command that does not exist', () => ['explian'], 'explian'],
  ]

  test.concurrent.each(cases)('%s', async (_, args, told) => {
    const { status, stdout, stderr } = await runRaison(args())
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(told)
    expect(stderr).not.toMatch(stackTrace)
    expect(stderr).not.toMatch(/(\b[A-Z_]{4,}: )\1/) // a code is said once
  })

  test('its own input for output, which opening would empty', async () => {
    const file = join(workplace, 'decisions.jsonl')
    await writeFile(file, text)
    const run = await runRaison([...logistic, '--input', file, '--output', `${workplace}/./decisions.jsonl`])
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('same file')
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  test.each([
    ['an input that is not there', undefined, 'nowhere.jsonl'],
    ['gzip for input', gzipSync('{}'), 'INPUT_NOT_LINES'],
  ])('%s, and leaves the output of before as it was', async (_, content, told) => {
    const [input, output] = [join(workplace, 'nowhere.jsonl'), join(workplace, 'before.jsonl')]
    if (content !== undefined) await writeFile(input, content)
    await writeFile(output, 'before')
    const run = await runRaison([...logistic, '--input', input, '--output', output])
    expect(run.status).toBe(2)
    expect(run.stderr).toContain(told)
    expect(await readFile(output, 'utf8')).toBe('before')
  })
})

function eventIdOf(line: string): string {
  return (JSON.parse(line) as { eventId: string }).eventId
}

function shell(command: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', command], (error, stdout, stderr) => (error ? reject(error) : resolve({ stdout, stderr })))
  })
}
