import { hash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { BundleError, readBundle, readTraining, type Bundle } from './index.ts'

const rows = `LIMIT,SEX,city_A,city_B\n${'20000,1,0,1\n'.repeat(100)}`
const yaml = `model:
  name: demo
  version: "1"
  file: model.onnx
decision: { adverse: high, cutoff: 0.35 }
reference: { file: reference.csv }
features:
  - name: LIMIT
  - name: SEX
  - name: city_A
  - name: city_B
`
const withReasons = `${yaml}reasons: reasons.yaml\n`

const workplaces: string[] = []
let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raison-bundle-'))
  workplaces.push(directory)
})
afterAll(() => Promise.all(workplaces.map((workplace) => rm(workplace, { recursive: true }))))

type Files = Readonly<Record<string, string | Uint8Array>>

/** A bundle that is in order, but for `changed`. */
async function write(changed: Files = {}): Promise<string> {
  const files = { 'bundle.yaml': yaml, 'model.onnx': 'not read here', 'reference.csv': rows, ...changed }
  for (const [file, content] of Object.entries(files)) await writeFile(join(directory, file), content)
  return directory
}

async function read(changed: Files = {}): Promise<Bundle> {
  return readBundle(await write(changed))
}

async function problemsOf(changed: Files = {}): Promise<BundleError> {
  const error: unknown = await read(changed).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(BundleError)
  return error as BundleError
}

/** bundle.yaml with one line replaced. */
function changed(line: string, by: string): Files {
  expect(yaml).toContain(line)
  return { 'bundle.yaml': yaml.replace(line, by) }
}

describe('a bundle in order', () => {
  test('gets the defaults of what it leaves out', async () => {
    const bundle = await read()
    expect(bundle.model).toMatchObject({ output: 'probabilities', column: undefined, explain: 'log-odds' })
    expect(bundle.reference).toMatchObject({ population: 'all', size: 100 })
    expect(bundle.features[0]).toEqual({
      name: 'LIMIT',
      label: { en: 'LIMIT' },
      unit: undefined,
      group: undefined,
      actionable: false,
      protected: false,
      values: new Map(),
    })
    expect(bundle.training).toBeUndefined()
    expect(bundle.warnings).toEqual([])
  })

  test('carries the bytes of the model and their hash', async () => {
    const { model } = await read()
    expect(Buffer.from(model.bytes).toString()).toBe('not read here')
    expect(model.sha256).toBe(hash('sha256', 'not read here'))
  })

  test('puts a player where its first feature stands and leaves the others alone', async () => {
    const players = 'players: [{ name: city, features: [city_B, city_A] }]\n'
    const bundle = await read({ 'bundle.yaml': yaml + players })
    expect(bundle.players).toEqual([
      { name: 'LIMIT', features: [0] },
      { name: 'SEX', features: [1] },
      { name: 'city', features: [3, 2] },
    ])
    const first = await read({ 'bundle.yaml': `${yaml}players: [{ name: first, features: [SEX, LIMIT] }]\n` })
    expect(first.players.map(({ name }) => name)).toEqual(['first', 'city_A', 'city_B'])
  })

  test('takes labels by language or as English, units, codes and what may change', async () => {
    const features = `  - { name: LIMIT, label: { en: Limit, fr: Plafond }, unit: EUR, group: g, actionable: true }
  - { name: SEX, label: Sex, values: { "1": male, 2: female }, protected: true }`
    const bundle = await read(changed('  - name: LIMIT\n  - name: SEX', features))
    expect(bundle.features[0]).toMatchObject({
      label: { en: 'Limit', fr: 'Plafond' },
      unit: 'EUR',
      group: 'g',
      actionable: true,
    })
    expect(bundle.features[1]).toMatchObject({ label: { en: 'Sex' }, protected: true })
    expect([...bundle.features[1]!.values]).toEqual([
      ['1', 'male'],
      ['2', 'female'],
    ])
  })

  test('with fewer rows than size is used with a warning that says what to do', async () => {
    const bundle = await read({ 'reference.csv': 'LIMIT,SEX,city_A,city_B\n1,2,3,4\n' })
    expect(bundle.reference.rows.rowCount).toBe(1)
    expect(bundle.warnings).toEqual([
      'reference.csv: 1 rows, fewer than size: 100; all of them are used: add rows, or set size: 1',
    ])
  })

  test('names its training file absolutely and leaves it unread', async () => {
    const training = `${yaml}training: { file: training.csv, label: default }\n`
    const bundle = await read({ 'bundle.yaml': training, 'training.csv': 'no table at all' })
    expect(bundle.training).toEqual({ file: join(bundle.directory, 'training.csv'), label: 'default' })
  })

  test('reads its training rows without the label that it names, and says how to name one', async () => {
    const table = 'LIMIT,defaulted,SEX,city_A,city_B\n1,0,2,3,4\n'
    const named = (training: string) => read({ 'bundle.yaml': `${yaml}training: ${training}\n`, 'training.csv': table })
    const rows = await readTraining(await named('{ file: training.csv, label: defaulted }'))
    expect(rows?.values).toEqual(Float64Array.of(1, 2, 3, 4))
    await expect(readTraining(await named('{ file: training.csv }'))).rejects.toThrow(
      /the header has "?defaulted.*drop these columns; .*training: \{ file: training\.csv, label: … \}/,
    )
  })

  test('may be linked to, as Kubernetes mounts do, as long as the links stay inside', async () => {
    await write()
    await mkdir(join(directory, '..data'))
    await rm(join(directory, 'reference.csv'))
    await writeFile(join(directory, '..data', 'reference.csv'), rows)
    await symlink('..data/reference.csv', join(directory, 'reference.csv'))
    expect((await readBundle(directory)).reference.rows.rowCount).toBe(100)
  })
})

describe('the hash of a bundle', () => {
  const training = { 'bundle.yaml': `${withReasons}training: { file: t.csv }\n`, 't.csv': '1' }
  const reasons = { 'reasons.yaml': 'version: "1"\nreasons: [{ code: R, feature: LIMIT, text: x }]\n' }
  const files: Files = { ...training, ...reasons }

  test('is the same for the same bytes elsewhere', async () => {
    const { sha256 } = await read(files)
    directory = await mkdtemp(join(tmpdir(), 'raison-bundle-'))
    workplaces.push(directory)
    expect((await read(files)).sha256).toBe(sha256)
  })

  test.each(['bundle.yaml', 'model.onnx', 'reference.csv', 'reasons.yaml', 't.csv'])(
    'changes with %s',
    async (file) => {
      const { sha256 } = await read(files)
      const before = await readFile(join(directory, file), 'utf8')
      expect((await read({ ...files, [file]: `${before}\n` })).sha256).not.toBe(sha256)
    },
  )
})

describe('a line of bundle.yaml that is wrong', () => {
  test.each([
    [
      'an unknown key',
      '  name: demo',
      '  nmae: demo\n  name: demo',
      '2:3: model.nmae: unknown key; the keys here are name',
    ],
    [
      'a version that is a number',
      'version: "1"',
      'version: 1.10',
      '3:3: model.version: expected the version as text in quotes',
    ],
    [
      'no model file',
      '  file: model.onnx\n',
      '',
      '1:1: model.file: expected a file of the bundle, such as model.onnx, found nothing',
    ],
    ['a cutoff as text', 'cutoff: 0.35', 'cutoff: "0.35"', '5:28: decision.cutoff: expected a number'],
    ['a cutoff without end', 'cutoff: 0.35', 'cutoff: .inf', '5:28: decision.cutoff: expected a number'],
    ['another side', 'adverse: high', 'adverse: up', '5:13: decision.adverse: expected high | low, found "up"'],
    [
      'a size of nothing',
      'reference.csv }',
      'reference.csv, size: 0 }',
      '6:35: reference.size: expected a whole number of rows',
    ],
    [
      'an unknown population',
      'reference.csv }',
      'reference.csv, population: some }',
      'expected all | approved | just-above-cutoff',
    ],
    ['a feature twice', '- name: SEX', '- name: LIMIT', '9:5: features.1.name: LIMIT is feature 1 already'],
    ['a feature without a name', '- name: SEX', '- name: ""', '9:5: features.1.name: expected the name of the feature'],
    [
      'a feature name that objects reserve',
      '- name: SEX',
      '- name: __proto__',
      '9:5: features.1.name: expected the name',
    ],
    [
      'a feature name that YAML reads as a number',
      '- name: SEX',
      '- name: 7',
      'quote a number), such as LIMIT_BAL, found 7',
    ],
    [
      'a label without English',
      '- name: SEX',
      '- { name: SEX, label: { fr: Sexe } }',
      '9:18: features.1.label: expected text, or texts by language with English among them',
    ],
    [
      'a label in a language unknown here',
      '- name: SEX',
      '- { name: SEX, label: { en: a, de: b } }',
      '9:34: features.1.label.de: unknown key; the keys here are en, fr',
    ],
    [
      'a code that no number is written as',
      '- name: SEX',
      '- { name: SEX, values: { "01": a } }',
      '9:28: features.1.values.01: no value is written so',
    ],
    [
      'an empty list of features',
      /features:[^]*/.exec(yaml)![0],
      'features: []',
      "features: expected the features in the order of the model's input",
    ],
  ])('%s is told with its place and a way out', async (_, line, by, message) => {
    const { code, message: told } = await problemsOf(changed(line, by))
    expect(code).toBe('BUNDLE_INVALID')
    expect(told).toContain(message)
    expect(told).toMatch(/^bundle\.yaml:\d+:\d+: /)
  })

  test.each([
    ['an unknown feature', '[{ name: p, features: [city_C] }]', 'there is no feature city_C'],
    [
      'a feature of two players',
      '[{ name: p, features: [SEX] }, { name: q, features: [SEX] }]',
      'SEX is in player p already',
    ],
    ['a feature twice', '[{ name: p, features: [SEX, SEX] }]', 'SEX is in player p already'],
    [
      'the name of a feature that is alone',
      '[{ name: LIMIT, features: [SEX] }]',
      'LIMIT is the name of another player',
    ],
    [
      'the name of another player',
      '[{ name: p, features: [SEX] }, { name: p, features: [LIMIT] }]',
      'p is the name of another',
    ],
    ['no features', '[{ name: p, features: [] }]', 'expected the features of the player: [city_A, city_B], found []'],
  ])('a player with %s is told in its line', async (_, players, message) => {
    const { problems } = await problemsOf({ 'bundle.yaml': `${yaml}players: ${players}\n` })
    expect(problems).toMatchObject([{ code: 'BUNDLE_INVALID', line: 12, message: expect.stringContaining(message) }])
  })

  test('does not hide the others, and they come in the order of the file', async () => {
    const text = yaml.replace('"1"', '1').replace('high', 'up').replace('name: SEX', 'nom: SEX')
    const { problems, message } = await problemsOf({ 'bundle.yaml': text })
    expect(problems.map(({ line }) => line)).toEqual([3, 5, 9, 9])
    expect(message.split('\n')).toHaveLength(4)
  })

  test.each([
    ['a tab as indentation', 'model:\n\tname: x\n', 2],
    ['a key twice', 'model: 1\nmodel: 2\n', 2],
    ['a second document', 'model: 1\n---\nmodel: 2\n', 2],
    ['an alias without an anchor', 'model: *nowhere\n', 1],
    ['a tag of another program', 'model: !!python/object:os.system x\n', 1],
    ['ten thousand brackets', '['.repeat(10_000), 1],
  ])('that is no YAML (%s) is told in its line', async (_, text, line) => {
    const { problems } = await problemsOf({ 'bundle.yaml': text })
    expect(problems[0]).toMatchObject({ code: 'BUNDLE_YAML', line, message: expect.stringContaining('mend the YAML') })
  })

  test.each([
    ['is empty', ''],
    ['is one word', 'hello\n'],
    ['is a list', '- a\n'],
  ])('bundle.yaml that %s is told what it should hold', async (_, text) => {
    const { problems } = await problemsOf({ 'bundle.yaml': text })
    expect(problems).toMatchObject([
      { code: 'BUNDLE_INVALID', line: 1, message: expect.stringContaining('keys model, decision') },
    ])
  })

  test('has its number after Windows line ends and a byte order mark too', async () => {
    const { problems } = await problemsOf({
      'bundle.yaml': `\ufeff${yaml.replace('high', 'up').replaceAll('\n', '\r\n')}`,
    })
    expect(problems).toMatchObject([{ line: 5, column: 13 }])
  })
})

describe('files', () => {
  test('a directory that is not there, or is a file, or holds no bundle.yaml is no bundle', async () => {
    await writeFile(join(directory, 'file'), '')
    for (const path of [join(directory, 'nowhere'), join(directory, 'file'), directory])
      await expect(readBundle(path)).rejects.toMatchObject({ code: 'BUNDLE_MISSING' })
  })

  test('that are missing are all told, at the lines that name them', async () => {
    const { problems, code } = await problemsOf({
      'bundle.yaml': `${withReasons.replace('model.onnx', 'm.onnx')}training: { file: t.csv }\n`,
    })
    expect(code).toBe('BUNDLE_FILE_MISSING')
    expect(problems.map(({ line, message }) => [line, message.split(' ')[0]])).toEqual([
      [4, 'm.onnx'],
      [12, 'reasons.yaml'],
      [13, 't.csv'],
    ])
  })

  test.each(['../model.onnx', '/etc/hostname', 'a/../../model.onnx', '..'])(
    'outside the bundle (%s) are refused',
    async (file) => {
      const { problems } = await problemsOf(changed('model.onnx', file))
      expect(problems).toMatchObject([{ code: 'BUNDLE_PATH', file: 'bundle.yaml', line: 4 }])
    },
  )

  test('behind a link that leads out of the bundle are refused', async () => {
    await symlink(tmpdir(), join(directory, 'out'))
    await writeFile(`${directory}.onnx`, 'outside')
    workplaces.push(`${directory}.onnx`)
    const { code } = await problemsOf(changed('model.onnx', `out/${directory.split('/').at(-1)}.onnx`))
    expect(code).toBe('BUNDLE_PATH')
  })

  test('that are a directory or a link to itself are refused', async () => {
    await mkdir(join(directory, 'folder'))
    await symlink('loop', join(directory, 'loop'))
    for (const file of ['folder', 'loop', '.'])
      expect(await problemsOf(changed('model.onnx', file))).toMatchObject({ code: 'BUNDLE_FILE_UNREADABLE' })
  })

  test('whose names no file system takes are refused', async () => {
    expect(await problemsOf(changed('model.onnx', '"a\\0b"'))).toMatchObject({ code: 'BUNDLE_FILE_UNREADABLE' })
    expect(await problemsOf(changed('model.onnx', 'a'.repeat(5000)))).toMatchObject({ code: 'BUNDLE_FILE_UNREADABLE' })
  })

  test('that are larger than their kind can be are refused unread', async () => {
    await write()
    for (const file of ['bundle.yaml', 'reference.csv']) {
      await truncate(join(directory, file), 65 * 2 ** 20)
      await expect(readBundle(directory)).rejects.toMatchObject({ code: 'BUNDLE_FILE_TOO_LARGE' })
      await write()
    }
  })

  test('that are not UTF-8 are told with the line', async () => {
    const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1')
    const label = yaml.replace('- name: SEX', '- { name: SEX, label: Délai }')
    const { problems } = await problemsOf({ 'bundle.yaml': latin(label) })
    expect(problems).toMatchObject([{ code: 'BUNDLE_ENCODING', file: 'bundle.yaml', line: 9 }])
    const table = await problemsOf({ 'reference.csv': latin(`${rows}é`) })
    expect(table.problems).toMatchObject([{ code: 'BUNDLE_ENCODING', file: 'reference.csv', line: 102 }])
  })

  test('an empty model is told apart from a broken one', async () => {
    const { problems } = await problemsOf({ 'model.onnx': '' })
    expect(problems).toMatchObject([{ code: 'MODEL_EMPTY', file: 'model.onnx' }])
  })

  test('problems of several files come together', async () => {
    const { problems } = await problemsOf({
      'bundle.yaml': withReasons,
      'model.onnx': '',
      'reference.csv': 'LIMIT,SEX,city_A,city_B\n1,2,3,four\n',
      'reasons.yaml': 'version: "1"\nreasons: [{ code: R, feature: NONE, text: x }]\n',
    })
    expect(problems.map(({ code }) => code)).toEqual(['MODEL_EMPTY', 'REFERENCE_VALUE', 'REASONS_INVALID'])
  })
})

describe('the README', () => {
  test('shows a bundle.yaml and a reasons.yaml that make a bundle', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const [bundleYaml, reasonsYaml] = [...readme.matchAll(/```yaml\n([^]*?)```/g)].map((block) => block[1]!)
    const bundle = await read({
      'bundle.yaml': bundleYaml!,
      'reasons.yaml': reasonsYaml!,
      'reference.csv': `income,SEX,city_A,city_B,late\n${'2300,1,0,1,2\n'.repeat(100)}`,
      'training.csv': '',
    })
    expect(bundle.warnings).toEqual([])
    expect(bundle.catalogue.entries.map(({ code, players }) => [code, players])).toEqual([
      ['R01', [0]],
      ['R02', [0]],
      ['R03', [2]],
      ['R04', [1, 3]],
    ])
  })
})
