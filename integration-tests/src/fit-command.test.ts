import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { jsonLines, root, runRaison, stackTrace, startRaison, type Run } from './run-raison.ts'

const bundles = `${root}/examples/loan-demo/bundles`
const decisionsFile = `${root}/examples/loan-demo/decisions.jsonl`

interface Report {
  readonly fitted: boolean
  readonly why?: string
  readonly kind: string
  readonly budgetRows: number
  readonly fidelity: number
  readonly file: string
  readonly sha256: string
  readonly resumed: boolean
  readonly candidates: readonly {
    readonly kind: string
    readonly budgets: readonly { readonly rows: number; readonly error: number; readonly milliseconds: number }[]
  }[]
}

interface Explained {
  readonly method: string
  readonly artefactSha256?: string
  readonly baseValue: number
  readonly modelOutput: number
  readonly budget: { readonly rows: number; readonly seed: string }
  readonly quality: { readonly degraded: boolean; readonly surrogateFidelity?: number }
  readonly contributions: readonly {
    readonly contribution: number
    readonly interval?: { readonly low: number; readonly high: number }
  }[]
}

let bundle: string
let fitted: Run
let report: Report

beforeAll(async () => {
  bundle = await copyOfNet()
  fitted = await runRaison(['fit', bundle, '--max-minutes', '0.03', '--json'])
  report = JSON.parse(fitted.stdout) as Report
})

afterAll(() => rm(bundle, { recursive: true }))

describe('raison fit', () => {
  test('compares both kinds at every budget, keeps one, and tells its steps on standard error', async () => {
    expect(fitted.status).toBe(0)
    expect(report).toMatchObject({ fitted: true, resumed: false })
    expect(report.candidates.map(({ kind }) => kind).toSorted()).toEqual(['cosine', 'cosine+trees', 'trees'])
    expect(report.candidates[0]!.kind).toBe(report.kind)
    for (const { budgets } of report.candidates)
      expect(budgets).toEqual(
        [256, 512, 1024, 2048, 4096].map((rows) => ({
          rows,
          error: expect.any(Number) as number,
          milliseconds: expect.any(Number) as number,
        })),
      )
    const steps = fitted.stderr.trimEnd().split('\n')
    expect(steps).toEqual(expect.arrayContaining(['fitting the cosine network …', 'fitting trees: done']))
    expect(await readdir(bundle)).toContain('artefacts')
    expect((await readdir(bundle)).filter((name) => name.startsWith('.fit-'))).toEqual([])
  })

  test('is not done twice: what is there is named, and stays', async () => {
    const before = await readFile(report.file)
    const { status, stdout } = await runRaison(['fit', bundle])
    expect(status).toBe(0)
    expect(stdout).toContain(report.file)
    expect(stdout).toContain('remove the file')
    expect(await readFile(report.file)).toEqual(before)
  })

  test('of a model that is explained exactly says that there is nothing to fit, and has succeeded', async () => {
    const { status, stdout, stderr } = await runRaison(['fit', `${bundles}/loan-xgboost`, '--json'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      fitted: false,
      why: expect.stringContaining('nothing to fit') as string,
    })
  })

  test(
    'that was killed goes on from the last epoch of its network, and leaves nothing behind',
    { timeout: 120_000 },
    async () => {
      const directory = await copyOfNet()
      onTestFinished(() => rm(directory, { recursive: true }))
      const killed = startRaison(['fit', directory, '--max-minutes', '0.1'])
      await expect
        .poll(() => readdir(directory), { timeout: 30_000, interval: 20 })
        .toContainEqual(expect.stringMatching(/^\.fit-\w+$/))
      killed.process.kill('SIGKILL')
      await once(killed.process, 'close')
      expect(await readdir(join(directory, 'artefacts'))).not.toContainEqual(expect.stringMatching(/raison$/))

      const { status, stdout } = await runRaison(['fit', directory, '--max-minutes', '0.03', '--json'])
      expect({ status, resumed: (JSON.parse(stdout) as Report).resumed }).toEqual({ status: 0, resumed: true })
      expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([])
    },
  )

  const refused: readonly [string, readonly string[], string][] = [
    ['no bundle', ['fit'], 'dir'],
    ['a bundle that is not there', ['fit', '/nowhere/at/all'], 'BUNDLE_MISSING'],
    ['no time', ['fit', `${bundles}/loan-neural-net`, '--max-minutes', '0'], 'not a number above 0'],
    [
      'milliseconds in words',
      ['fit', `${bundles}/loan-neural-net`, '--max-milliseconds', 'ten'],
      'not a number above 0',
    ],
  ]
  test.for(refused)('refuses %s, with status 2', async ([, args, told]) => {
    const { status, stdout, stderr } = await runRaison(args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(told)
    expect(stderr).not.toMatch(stackTrace)
  })
})

describe('with the artefact', () => {
  let lines: string[]
  let forward: Run
  const explain = (input: string): Promise<Run> =>
    runRaison(['explain', '--bundle', bundle, '--contributions', 'all'], input)

  beforeAll(async () => {
    const text = await readFile(decisionsFile, 'utf8')
    lines = text.trimEnd().split('\n')
    forward = await explain(text)
  })

  test('raison explain gives a line the same bytes in another process, order and company', async () => {
    const [backward, alone] = await Promise.all([explain(lines.toReversed().join('\n')), explain(lines[3]!)])
    const explained = forward.stdout.trimEnd().split('\n')
    expect(forward.status).toBe(0)
    expect(explained).toHaveLength(lines.length)
    expect(backward.stdout.trimEnd().split('\n').toReversed()).toEqual(explained)
    expect(alone.stdout.trimEnd()).toBe(explained[3])
  })

  test('raison explain names it and the rows it asked for, and every contribution has its interval', () => {
    expect(forward.stderr).not.toContain('warning')
    for (const line of jsonLines<Explained>(forward.stdout)) {
      const { contributions, quality, budget } = line
      expect(line).toMatchObject({ artefactSha256: report.sha256, method: `kernel-shap on ${report.kind}` })
      expect(quality).toMatchObject({ degraded: false, surrogateFidelity: report.fidelity })
      expect(budget.rows).toBe(report.budgetRows)
      expect(budget.seed).toMatch(/^[0-9a-f]{8}$/)
      expect(gapOf(line)).toBeLessThanOrEqual(1e-6)
      expect(contributions.every(({ interval }) => interval!.low < interval!.high)).toBe(true)
    }
  })

  test('raison check tells its fidelity and budget, and warns of nothing', async () => {
    const { status, stdout } = await runRaison(['check', bundle])
    expect(status).toBe(0)
    expect(stdout).toContain(report.file)
    expect(stdout).toContain(`R² ${report.fidelity.toFixed(4)}`)
    expect(stdout).toMatch(/rows of the model a decision: median relative squared error/)
    expect(stdout).not.toMatch(/warning|error {3}/)
  })

  test('cut short, no command goes on: the file and the remedy are named', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'raison-harmed-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    await cp(bundle, directory, { recursive: true })
    const [name] = await readdir(join(directory, 'artefacts'))
    const file = join(directory, 'artefacts', name!)
    await truncate(file, 1000)
    const runs = await Promise.all([
      runRaison(['explain', '--bundle', directory], '{}'),
      runRaison(['fit', directory]),
      runRaison(['check', directory]),
    ])
    for (const { status, stdout, stderr } of runs) {
      expect(status).toBe(2)
      expect(stdout + stderr).toContain(`ARTEFACT_UNREADABLE: ${file}: `)
      expect(stdout + stderr).toContain('remove it and run raison fit again')
      expect(stdout + stderr).not.toMatch(stackTrace)
    }
    expect(runs.slice(0, 2).map(({ stdout }) => stdout)).toEqual(['', ''])
  })
})

test('without an artefact raison explain samples alone, says so once, and marks every line', async () => {
  const { status, stdout, stderr } = await runRaison([
    'explain',
    '--bundle',
    `${bundles}/loan-neural-net`,
    '--contributions',
    'all',
    '--input',
    decisionsFile,
  ])
  expect(status).toBe(0)
  expect(stderr.match(/run raison fit/g)).toHaveLength(1)
  for (const line of jsonLines<Explained>(stdout)) {
    expect(line).toMatchObject({ method: 'kernel-shap', quality: { degraded: true } })
    expect(gapOf(line)).toBeLessThanOrEqual(1e-6)
    expect(line.contributions.every(({ interval }) => interval!.low < interval!.high)).toBe(true)
  }
})

async function copyOfNet(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-fit-'))
  for (const file of ['bundle.yaml', 'model.onnx', 'reasons.yaml', 'reference.csv'])
    await cp(`${bundles}/loan-neural-net/${file}`, join(directory, file))
  return directory
}

function gapOf({ contributions, baseValue, modelOutput }: Explained): number {
  return Math.abs(contributions.reduce((sum, { contribution }) => sum + contribution, baseValue) - modelOutput)
}
