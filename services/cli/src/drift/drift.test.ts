import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { simulateApplications, type SimulationOptions } from '@raison/loan-demo'
import { createRandom } from '@raison/numerics'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const features = ['income', 'âge', '<script>alert(1)</script>', 'debt', 'term']
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'raison-drift-'))
  await put('baseline.jsonl', lines(1, 3000))
  await put('calm.jsonl', lines(2, 1260))
  await put('drifted.jsonl', lines(3, 1000, { drift: 4 }))
})
afterAll(() => rm(directory, { recursive: true }))

interface Made {
  /** What the first feature's contributions are multiplied by. */
  readonly drift?: number
  readonly model?: string
  readonly change?: (line: Record<string, unknown>, k: number) => void
}

/** Lines as `raison explain --contributions all` writes them. */
function lines(seed: number, count: number, { drift = 1, model = 'm', change }: Made = {}): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, k) => {
    const contributions = features.map((feature, i) => {
      const contribution = ((random.normal() + 0.3) / (i + 1)) * (i === 0 ? drift : 1)
      return { feature, value: 1, contribution }
    })
    const line: Record<string, unknown> = {
      explanationId: `${seed}-${k}`,
      status: 'OK',
      adverse: 'high',
      space: 'log-odds',
      model: { name: model, version: '1', sha256: model },
      reference: { population: 'all', sha256: 'r', rows: 100 },
      method: 'exact-trees',
      budget: { rows: 0, seed: '' },
      quality: { additivityGap: 0, topSettled: true, degraded: false },
      contributions,
      contributionsCut: false,
    }
    change?.(line, k)
    return JSON.stringify(line)
  })
}

const put = (name: string, content: readonly string[]): Promise<void> =>
  writeFile(join(directory, name), content.map((line) => `${line}\n`).join(''))

interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

async function raison(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number]
  return { status, out, err }
}

/** Tags that are left open, or closed without having been opened. */
function unclosedIn(page: string): string[] {
  const open: string[] = []
  for (const [, end, tag, alone] of page.matchAll(/<(\/?)([a-z][\w-]*)(?:\s[^<>]*?)?(\/?)>/gi)) {
    if (alone === '/' || tag === 'meta') continue
    if (end === '') open.push(tag!)
    else if (open.at(-1) === tag) open.pop()
    else open.push(`/${tag}`)
  }
  return open
}

const raisonDrift = (...args: readonly string[]): Promise<Ran> => raison('drift', ...args)

const loans = fileURLToPath(new URL('../../../../examples/loan-demo/bundles/loan-xgboost', import.meta.url))

const neuralNet = fileURLToPath(new URL('../../../../examples/loan-demo/bundles/loan-neural-net', import.meta.url))

/** Simulated applications, explained as if their channel were a feature, to which the model gives no weight. */
async function explainByChannel(output: string, options: SimulationOptions): Promise<void> {
  const applications = [...simulateApplications(options)]
  await put(
    'applications.jsonl',
    applications.map(({ features }, k) => JSON.stringify({ eventId: String(k), features })),
  )
  const files = ['--input', 'applications.jsonl', '--output', output]
  await raison('explain', '--bundle', loans, '--contributions', 'all', ...files)
  const explained = (await readFile(join(directory, output), 'utf8')).trimEnd().split('\n')
  await put(
    output,
    explained.map((line, k) => {
      const explanation = JSON.parse(line) as { contributions: object[] }
      explanation.contributions.push({ feature: 'channel', value: applications[k]!.channel, contribution: 0 })
      return JSON.stringify(explanation)
    }),
  )
}

/** Every fifth decision came in by a broker, where the first feature weighs more. */
const byBroker = (weight: number): Made => ({
  change(line, k) {
    const contributions = line['contributions'] as { value: unknown; contribution: number }[]
    contributions[4]!.value = k % 5 === 0 ? '<broker>' : k % 2500 === 1 ? 'fax' : 'branch'
    if (k % 5 === 0) contributions[0]!.contribution *= weight
  },
})

/** The rows of the demo's reference, explained, each with some features set. */
async function explainApplicants(output: string, change: Readonly<Record<string, number>> = {}): Promise<void> {
  const [head, ...rows] = (await readFile(join(directory, 'bundle/reference.csv'), 'utf8')).trim().split('\n')
  const names = head!.split(',')
  const decisions = rows.slice(0, 1000).map((row, k) => {
    const cells = row.split(',').map((cell) => (cell === '' ? null : Number(cell)))
    const applicant = Object.fromEntries(names.map((name, i) => [name, cells[i]]))
    return JSON.stringify({ eventId: String(k), features: { ...applicant, ...change } })
  })
  await put('decisions.jsonl', decisions)
  const files = ['--input', 'decisions.jsonl', '--output', output]
  await raison('explain', '--bundle', 'bundle', '--contributions', 'all', ...files)
}

/** Explained by sampling, with intervals, wider by a factor where `isWider`; the degraded by sampling alone. */
const sampled =
  (isWider: (k: number) => boolean, isDegraded: (k: number) => boolean = () => false): NonNullable<Made['change']> =>
  (line, k) => {
    const half = ((1 + (k % 7)) / 100) * (isWider(k) ? 3 : 1)
    for (const each of line['contributions'] as { contribution: number; interval?: object }[])
      each.interval = { low: each.contribution - half, high: each.contribution + half }
    const quality = isDegraded(k) ? { degraded: true } : { surrogateFidelity: 0.99, degraded: false }
    Object.assign(line, { quality, method: isDegraded(k) ? 'kernel' : 'kernel on cosine' })
  }

const against = (input: string, ...more: readonly string[]): Promise<Ran> =>
  raisonDrift('--baseline', 'baseline.jsonl', '--input', input, ...more)

describe('raison drift', () => {
  it('answers 0 where nothing has drifted, and says what was looked at and what was left', async () => {
    const { status, out, err } = await against('calm.jsonl')
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('no alarm') })
    expect(out).toContain(
      'm 1: 5 windows beside 3,000 explanations of the baseline; 10 explanations after the last whole',
    )
    expect(out).toContain('\nno alarm\nquality: no alarm in 5 windows\n')
    expect(err).toContain('warning: the baseline of m 1 is 3,000 explanations')
  })

  it('answers 4 where a feature has drifted, and names it first', async () => {
    const { status, out } = await against('drifted.jsonl', '--json')
    const result = JSON.parse(out)
    expect({ status, windows: result.windows, first: result.alarms[0] }).toMatchObject({
      status: 4,
      windows: 4,
      first: { window: 0, since: 0, kind: 'contributions', direction: 'up', evidence: expect.any(Number) },
    })
    expect(result.alarms[0].features[0]).toBe('income')
    expect(result.alarms[0].details[0].now).toBeGreaterThan(result.alarms[0].details[0].before)
  })

  it('says in text what moved from where to where, once for alarms in a row', async () => {
    const { out } = await against('drifted.jsonl')
    expect(out).toMatch(
      /alarm in window 0 \(lines 1 to 250\), probably since window 0 \(line 1\); evidence \S+ of 2,000; again in every window until 3\n {2}income +share of all contribution up: 0\.\d+ → 0\.\d+/,
    )
    expect(out).not.toContain('\x1b[')
  })

  it('says which lines of the file a window is, those that do not count among them', async () => {
    const rejected = Array<string>(10).fill('{"status":"REJECTED"}')
    await put('later.jsonl', [...lines(2, 375), ...rejected, ...lines(3, 375, { drift: 4 })])
    const { out } = await against('later.jsonl', '--json')
    const [{ window, since, lines: where }] = JSON.parse(out).alarms
    expect({ window, since, where }).toEqual({ window: 2, since: 1, where: { since: 251, first: 511, last: 760 } })
    expect((await against('later.jsonl', '--html', 'later.html')).out).toContain(
      'window 2 (lines 511 to 760), probably since window 1 (line 251)',
    )
    const page = await readFile(join(directory, 'later.html'), 'utf8')
    expect(page).toContain('Raised by lines 511 to 760 of the input; window 1 begins at line 251.')
  })

  it('shows control characters in names as escapes', async () => {
    const change = (line: Record<string, unknown>): void => {
      line['model'] = { name: 'm\u001b[2J', version: '1', sha256: 'm' }
      Object.assign((line['contributions'] as object[])[0]!, { feature: 'income\u009b31m\r' })
    }
    await put('steering.baseline.jsonl', lines(1, 600, { change }))
    await put('steering.jsonl', lines(3, 500, { drift: 4, change }))
    const files = ['--baseline', 'steering.baseline.jsonl', '--input', 'steering.jsonl']
    const { out, err } = await raisonDrift(...files)
    expect(out).toMatch(/\nm\\u001b\[2J 1: 2 windows [^]*\n {2}income\\u009b31m\\u000d {2}share of all/)
    expect(err).toContain('warning: the baseline of m\\u001b[2J 1 is 600 explanations')
    const refused = await raisonDrift('--baseline', 'baseline.jsonl', '--input', 'steering.jsonl')
    for (const shown of [out, err, refused.err]) expect(shown).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('says of values that the lowest of a feature are gone, where its contributions have not changed', async () => {
    const ages = (least: number) => ({
      change(line: Record<string, unknown>, k: number) {
        const contributions = line['contributions'] as { value: number }[]
        contributions[1]!.value = Math.max(18 + (k % 60), least)
      },
    })
    await put('adults.jsonl', lines(1, 3000, ages(18)))
    await put('older.jsonl', lines(3, 500, ages(26)))
    const { status, out } = await raisonDrift('--baseline', 'adults.jsonl', '--input', 'older.jsonl')
    expect(status).toBe(4)
    expect(out).toMatch(/\n {2}âge +among its lowest values down: 0\.100 → 0\.000\n/)
    const { out: page } = await raisonDrift(
      '--baseline',
      'adults.jsonl',
      '--input',
      'older.jsonl',
      '--html',
      'older.html',
    )
    expect(page).toBe(out)
    expect(await readFile(join(directory, 'older.html'), 'utf8')).toContain(
      'âge: among its lowest values went down, 0.100 → 0.000',
    )
  })

  it('counts and leaves out what was rejected, degraded, cut to its reasons, or there before', async () => {
    const odd = lines(2, 500, {
      change(line, k) {
        if (k === 1) Object.assign(line, { explanationId: '2-0' })
        if (k === 2) Object.assign(line, { quality: { degraded: true } })
        if (k === 3) Object.assign(line, { contributionsCut: true })
        if (k > 3 && k < 6) Object.assign(line, { explanationId: '' })
      },
    })
    await put('odd.jsonl', [...odd, '', '{"line":9,"status":"REJECTED","error":{"code":"X","message":"y"}}'])
    const { status, out } = await against('odd.jsonl', '--json', '--window', '100')
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      explanations: 497,
      windows: 4,
      left: 97,
      skipped: { rejected: 1, degraded: 1, cut: 1, duplicates: 1 },
    })
  })

  it('watches each key by itself with --by-key, and refuses several without', async () => {
    const other = lines(5, 3000, { model: 'other' })
    await put('two.jsonl', [...lines(1, 3000), ...other])
    await put('three.jsonl', [
      ...lines(6, 500, { drift: 4 }),
      ...lines(7, 500, { model: 'other' }),
      ...lines(8, 3, { model: 'new' }),
    ])
    const args = ['--baseline', 'two.jsonl', '--input', 'three.jsonl']
    expect(await raisonDrift(...args)).toMatchObject({ status: 2, err: expect.stringContaining('--by-key') })
    expect(await against('three.jsonl')).toMatchObject({
      status: 2,
      err: expect.stringMatching(
        /three\.jsonl, line 501: an explanation of other 1 .* differ in model \(m 1 .* or other 1 /,
      ),
    })
    const { status, out, err } = await raisonDrift(...args, '--by-key', '--json')
    expect(err).toContain('3 explanations of new 1 without a baseline')
    const { keys, alarms, withoutBaseline } = JSON.parse(out)
    expect(status).toBe(4)
    expect(Object.values(keys).map((key) => (key as { alarms: [] }).alarms.length > 0)).toEqual([true, false])
    expect(alarms[0].key).toBe(Object.keys(keys)[0])
    expect(Object.values(withoutBaseline)).toEqual([{ model: 'new 1', explanations: 3 }])
  })

  it('finds what drifts in one channel of the loan demo with a slice, and not without', async () => {
    await explainByChannel('then.jsonl', { seed: 1, count: 20_000 })
    await explainByChannel('now.jsonl', { seed: 2, count: 2500, scenario: 'one-segment' })
    const files = ['--baseline', 'then.jsonl', '--input', 'now.jsonl', '--json']
    const [without, found] = [await raisonDrift(...files), await raisonDrift(...files, '--slice', 'channel')]
    expect([without.status, found.status]).toEqual([0, 4])
    const [{ details }] = JSON.parse(found.out).alarms
    expect(details[0]).toMatchObject({ feature: 'monthly_income', slice: 'channel=broker', direction: 'up' })
  })

  it('names the slice in every form, and says which values are none', async () => {
    await put('channels.jsonl', lines(1, 6000, byBroker(1)))
    await put('brokers.jsonl', lines(2, 1000, byBroker(8)))
    const files = ['--baseline', 'channels.jsonl', '--input', 'brokers.jsonl', '--slice', 'term']
    const { status, out, err } = await raisonDrift(...files, '--html', 'slices.html')
    expect(status).toBe(4)
    expect(out).toContain('\nslices: term=branch (4,797 explanations of the baseline), term=<broker> (1,200)\n')
    expect(out).toMatch(/\n {2}income in term=<broker> +share of all contribution up: /)
    expect(err).toContain(
      'warning: m 1: left out of the slices: term=fax (3 explanations of the baseline); a slice needs 1,000',
    )
    const page = await readFile(join(directory, 'slices.html'), 'utf8')
    expect(page).toContain(
      '<p>slices: term=branch (4,797 explanations of the baseline), term=&lt;broker&gt; (1,200).</p>',
    )
    expect(page).toContain('income in term=&lt;broker&gt;: share of all contribution went up')
    expect(page).toContain('<p>left out of the slices: term=fax (3 explanations of the baseline); a slice needs 1,000')
    expect(unclosedIn(page)).toEqual([])
    const { alarms, baseline } = JSON.parse((await raisonDrift(...files, '--json')).out)
    expect(alarms[0]).toMatchObject({ features: ['income'], details: [{ slice: 'term=<broker>' }] })
    expect(baseline.slices).toEqual([
      { name: 'term=branch', feature: 'term', equals: 'branch', explanations: 4797 },
      { name: 'term=<broker>', feature: 'term', equals: '<broker>', explanations: 1200 },
    ])
    expect(baseline.leftOutOfSlices).toEqual([{ name: 'term=fax', feature: 'term', equals: 'fax', explanations: 3 }])
  })

  it('has slices of their own for what is missing, for numbers, and for texts that look like either', async () => {
    const values = [null, 'null', 1, '1']
    const alike =
      (weight: number) =>
      (line: Record<string, unknown>, k: number): void => {
        const contributions = line['contributions'] as { value: unknown; contribution: number }[]
        contributions[4]!.value = values[k % 4]
        if (k % 4 === 1) contributions[0]!.contribution *= weight
      }
    await put('alike.baseline.jsonl', lines(1, 4000, { change: alike(1) }))
    await put('alike.jsonl', lines(2, 1000, { change: alike(8) }))
    const files = ['--baseline', 'alike.baseline.jsonl', '--input', 'alike.jsonl', '--slice', 'term']
    const { out } = await raisonDrift(...files, '--html', 'alike.html')
    expect(out).toContain(
      '\nslices: term=null (1,000 explanations of the baseline), term="null" (1,000), term=1 (1,000), term="1" (1,000)\n',
    )
    expect(out).toMatch(/\n {2}income in term="null" +share of all contribution up: /)
    expect(await readFile(join(directory, 'alike.html'), 'utf8')).toContain('income in term=&quot;null&quot;: share of')
    const { alarms, baseline } = JSON.parse((await raisonDrift(...files, '--json')).out)
    expect(alarms[0].details[0]).toMatchObject({ feature: 'income', slice: 'term="null"' })
    expect(baseline.slices.map(({ equals }: { equals: unknown }) => equals)).toEqual(values)
  })

  it('says of a slice that is not in the window of the alarm what it was where it was last', async () => {
    await put('channels.jsonl', lines(1, 6000, byBroker(1)))
    const withoutBrokers = lines(3, 500, byBroker(1)).filter((_, k) => k % 5 > 0)
    await put('gone.jsonl', [...lines(2, 250, byBroker(8)), ...withoutBrokers])
    const files = ['--baseline', 'channels.jsonl', '--input', 'gone.jsonl', '--slice', 'term']
    const { out } = await raisonDrift(...files, '--window', '25', '--run-length', '2000000', '--json')
    const [{ window, details }] = JSON.parse(out).alarms
    expect(window).toBeGreaterThan(9)
    expect(details).toMatchObject([
      { feature: 'term', slice: '', statistic: 'usual-value', now: 1 },
      { feature: 'income', slice: 'term=<broker>', statistic: 'share' },
    ])
    expect(details[1].now).toBeGreaterThan(details[1].before)
  })

  it('has slices of each key with --by-key, and of a model without them none', async () => {
    await put('sliced.jsonl', [...lines(1, 6000, byBroker(1)), ...lines(5, 600, { model: 'other' })])
    await put('brokers.jsonl', lines(2, 1000, byBroker(8)))
    const files = ['--baseline', 'sliced.jsonl', '--input', 'brokers.jsonl', '--by-key', '--slice', 'term']
    const { keys } = JSON.parse((await raisonDrift(...files, '--json')).out)
    const [one, other] = Object.values(keys) as { alarms: { details: { slice: string }[] }[]; baseline: object }[]
    expect(one!.alarms[0]!.details[0]!.slice).toBe('term=<broker>')
    expect(other!.baseline).not.toHaveProperty('slices')
  })

  it.each([
    [
      'that no explanation has, and names the others',
      'channel',
      'no feature channel: --slice takes one of income, âge, ',
    ],
    [
      'without a value that is frequent enough',
      'debt',
      'no slice of debt: a slice needs 1,000 explanations of one value',
    ],
  ])('refuses slices of a feature %s', async (_, feature, message) => {
    const distinct = (line: Record<string, unknown>, k: number): void =>
      void Object.assign((line['contributions'] as object[])[3]!, { value: k })
    await put('distinct.jsonl', lines(1, 1200, { change: distinct }))
    const { status, err } = await raisonDrift(
      '--baseline',
      'distinct.jsonl',
      '--input',
      'calm.jsonl',
      '--slice',
      feature,
    )
    expect({ status, err }).toEqual({
      status: 2,
      err: expect.stringContaining(`SLICE_UNKNOWN: distinct.jsonl has ${message}`),
    })
  })

  it('of a baseline with one explanation of another model says so, and watches the rest by key', async () => {
    await put('stray.jsonl', [...lines(1, 600), ...lines(5, 1, { model: 'other' })])
    const args = ['--baseline', 'stray.jsonl', '--input', 'calm.jsonl']
    expect(await raisonDrift(...args)).toMatchObject({
      status: 2,
      err: expect.stringContaining(
        'of 2 baselines, which differ in model (m 1 with sha256 m or other 1 with sha256 other); --by-key',
      ),
    })
    const { status, err, out } = await raisonDrift(...args, '--by-key')
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('5 windows beside 600 explanations') })
    expect(err).toContain('holds one explanation of other 1, which is no baseline')
  })

  it('says in every form what did not count, of both files', async () => {
    await put('twice.jsonl', [...lines(1, 600), ...lines(1, 2), '{"status":"REJECTED"}'])
    await put('mixed.jsonl', [...lines(2, 260), ...lines(2, 3), ...lines(5, 4, { model: '<b>' })])
    const files = ['--baseline', 'twice.jsonl', '--input', 'mixed.jsonl', '--by-key']
    const { out } = await raisonDrift(...files, '--html', 'mixed.html')
    const said = [
      '264 explanations in windows of 250; left out: 3 duplicates',
      'left out of the baseline: 1 rejected, 2 duplicates',
    ]
    for (const one of said) expect(out).toContain(`${one}\n`)
    expect(out).toMatch(/^no baseline of <b> 1 with key \w+…: 4 explanations not watched$/m)
    const page = await readFile(join(directory, 'mixed.html'), 'utf8')
    for (const one of said) expect(page).toContain(`<p>${one}.</p>`)
    expect(page).toMatch(/<p>no baseline of &lt;b&gt; 1 with key \w+…: 4 explanations not watched\.<\/p>/)
    const { skipped, skippedOfBaseline } = JSON.parse((await raisonDrift(...files, '--json')).out)
    expect([skipped, skippedOfBaseline]).toMatchObject([{ duplicates: 3 }, { rejected: 1, duplicates: 2 }])
  })

  it('takes the explanations from stdin, with a byte order mark and either end of lines', async () => {
    const child = spawn(process.execPath, [main, 'drift', '--baseline', 'baseline.jsonl', '--json'], { cwd: directory })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stdin.end(`\uFEFF${lines(2, 300).join('\r\n')}`)
    await once(child, 'close')
    expect(JSON.parse(out)).toMatchObject({ windows: 1, left: 50, alarms: [] })
  })

  it('writes a report that is one page without script, whatever features are called', async () => {
    const { err } = await against('drifted.jsonl', '--html', 'report.html')
    const page = await readFile(join(directory, 'report.html'), 'utf8')
    expect(err).toContain('report: report.html')
    expect(page).toContain('The reasons have drifted: 4 alarms')
    expect(page.match(/<svg/g)).toHaveLength(3)
    expect(page).toMatch(/income: share of all contribution went up, 0\.\d+ → 0\.\d+</)
    expect(page).toContain('The evidence reached the alarm line in 4 of 4 windows, first in window 0')
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(unclosedIn(page)).toEqual([])
  })

  it.each([
    ['constructor', 'toString', '__proto__'],
    ['a "quoted\\ one', '\u2028', '\u001b[31m'],
  ])('draws features that are called %j', async (...names) => {
    const called = (line: Record<string, unknown>): void =>
      names.forEach((feature, i) => ((line['contributions'] as { feature: string }[])[i]!.feature = feature))
    await put('called.baseline.jsonl', lines(1, 600, { change: called }))
    await put('called.jsonl', lines(3, 500, { drift: 4, change: called }))
    const files = ['--baseline', 'called.baseline.jsonl', '--input', 'called.jsonl', '--html', 'called.html']
    const { status, err } = await raisonDrift(...files)
    expect({ status, err }).toEqual({ status: 4, err: expect.stringContaining('report: called.html') })
    expect((await readFile(join(directory, 'called.html'), 'utf8')).match(/<svg/g)).toHaveLength(3)
  })

  it('keeps the result when the report cannot be written', async () => {
    const { status, out, err } = await against('drifted.jsonl', '--json', '--html', 'no/such/folder.html')
    expect({ status, alarms: JSON.parse(out).alarms.length }).toEqual({ status: 2, alarms: 4 })
    expect(err).toContain('ENOENT')
  })

  it('reads a baseline from a pipe', async () => {
    const command = '"$0" "$1" drift --baseline <(cat baseline.jsonl) --input calm.jsonl --json'
    const child = spawn('bash', ['-c', command, process.execPath, main], { cwd: directory })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await once(child, 'close')
    expect(JSON.parse(out)).toMatchObject({ windows: 5, baseline: { explanations: 3000 } })
  })

  it('compares with what raison fit has learned of the loan demo, and finds a feature that is zero for everybody', async () => {
    await cp(loans, join(directory, 'bundle'), { recursive: true })
    await appendFile(join(directory, 'bundle/bundle.yaml'), 'training: { file: reference.csv }\n')
    const { driftBaseline } = JSON.parse((await raison('fit', 'bundle', '--json')).out)
    const baseline = resolve(directory, driftBaseline.file)
    await explainApplicants('explained.jsonl')
    await explainApplicants('zeroed.jsonl', { monthly_income: 0 })

    const calm = await raisonDrift('--baseline', baseline, '--input', 'explained.jsonl', '--json')
    const found = await raisonDrift('--baseline', baseline, '--input', 'zeroed.jsonl', '--json')
    expect([calm.status, found.status]).toEqual([0, 4])
    expect(JSON.parse(calm.out)).toMatchObject({
      windows: 4,
      baseline: { model: 'loan-xgboost 1.0.0', explanations: 1200 },
    })
    expect(JSON.parse(found.out).alarms[0]).toMatchObject({ kind: 'contributions', features: ['monthly_income'] })
    expect(JSON.parse(found.out)).not.toHaveProperty('quality')

    expect(await raisonDrift('--baseline', baseline, '--input', 'explained.jsonl', '--slice', 'age')).toMatchObject({
      status: 2,
      err: expect.stringContaining('raison fit has learned, which has no slices'),
    })

    const { baseline: learned, ...head } = JSON.parse(await readFile(baseline, 'utf8'))
    await put('old.json', [
      JSON.stringify({ ...head, baseline: { ...learned, lowest: undefined, highest: undefined } }),
    ])
    expect(await raison('drift', '--baseline', 'old.json', '--input', 'explained.jsonl')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/BASELINE_INVALID: .*run `raison fit` again/),
    })

    await put('pretty.json', [JSON.stringify({ ...head, baseline: learned }, null, 2)])
    const pretty = await raisonDrift('--baseline', 'pretty.json', '--input', 'explained.jsonl', '--json')
    expect(pretty).toEqual(calm)

    await put('other.json', ['{"baselineKey":"k","model":"m","baseline":{"features":"none"}}'])
    expect(await raison('drift', '--baseline', 'other.json', '--input', 'explained.jsonl')).toMatchObject({
      status: 2,
      err: expect.stringContaining('BASELINE_INVALID: other.json is no baseline'),
    })
  })

  it('watches how well decisions can be explained by itself: its alarms are no drift of the reasons', async () => {
    await put('narrow.jsonl', lines(1, 3000, { change: sampled(() => false) }))
    await put('wider.jsonl', lines(2, 1000, { change: sampled((k) => k >= 500) }))
    const files = ['--baseline', 'narrow.jsonl', '--input', 'wider.jsonl']
    const { status, out } = await raisonDrift(...files, '--html', 'wider.html')
    expect(status).toBe(4)
    expect(out).toMatch(
      /\nno alarm\nquality: alarm in window 2 \(lines 501 to 750\), [^\n]*; again in every window until 3\n {2}interval-width {2}value up: 0\.\d+ → 0\.\d+\n/,
    )
    const page = await readFile(join(directory, 'wider.html'), 'utf8')
    expect(page).toContain('<h1>The quality of the explanations has drifted: 2 alarms</h1>')
    expect(page).toContain('interval-width: value went up')
    expect(page).toMatch(/<td>fidelity<\/td><td>0\.99\d+<\/td><td>0\.99/)
    expect(unclosedIn(page)).toEqual([])
    const { windows, alarms, quality } = JSON.parse((await raisonDrift(...files, '--json')).out)
    expect({ windows, quality }).toEqual({ windows: 4, quality: { windows: 4, left: 0 } })
    expect(alarms).toMatchObject([
      { window: 2, kind: 'quality', features: ['interval-width'], direction: 'up', lines: { first: 501, last: 750 } },
      { window: 3, kind: 'quality' },
    ])
  })

  it('counts what is degraded for the quality alone, and watches that of each slice too', async () => {
    const degradedBrokers: Made['change'] = (line, k) => {
      byBroker(1).change!(line, k)
      sampled(
        () => false,
        (k) => k % 10 === 0,
      )(line, k)
    }
    await put(
      'all.baseline.jsonl',
      lines(1, 6000, { change: (line, k) => (byBroker(1).change!(line, k), sampled(() => false)(line, k)) }),
    )
    await put('degraded.jsonl', lines(2, 1000, { change: degradedBrokers }))
    const files = ['--baseline', 'all.baseline.jsonl', '--input', 'degraded.jsonl', '--slice', 'term', '--json']
    const { windows, skipped, alarms, quality } = JSON.parse((await raisonDrift(...files)).out)
    expect({ windows, skipped, quality }).toMatchObject({
      windows: 3,
      skipped: { degraded: 100 },
      quality: { windows: 4 },
    })
    expect(new Set(alarms.map(({ kind }: { kind: string }) => kind))).toEqual(new Set(['quality']))
    expect(alarms[0].details[0]).toMatchObject({
      feature: 'degraded',
      slice: 'term=<broker>',
      direction: 'up',
      before: 0,
    })
  })

  it('takes it as usual that some are degraded, where those of the baseline were', async () => {
    const some: Made = {
      change: sampled(
        () => false,
        (k) => k % 10 === 0,
      ),
    }
    await put('some.baseline.jsonl', lines(1, 3000, some))
    await put('some.jsonl', lines(2, 1000, some))
    const { status, out } = await raisonDrift('--baseline', 'some.baseline.jsonl', '--input', 'some.jsonl')
    expect(status).toBe(0)
    expect(out).toMatch(/: 3 windows [^]*\nno alarm\nquality: no alarm in 4 windows\n/)
  })

  it('finds that the surrogate of the loan demo is not there any more, where its decisions are the same', async () => {
    await cp(neuralNet, join(directory, 'bundle'), { recursive: true })
    await explainApplicants('sampled-alone.jsonl')
    await raison('fit', 'bundle', '--max-minutes', '0.1')
    await explainApplicants('fitted.jsonl')
    const { status, out } = await raisonDrift('--baseline', 'fitted.jsonl', '--input', 'fitted.jsonl')
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('quality: no alarm in ') })
    const files = ['--baseline', 'fitted.jsonl', '--input', 'sampled-alone.jsonl', '--json']
    const found = await raisonDrift(...files)
    const { tested, skipped, alarms } = JSON.parse(found.out)
    expect({ status: found.status, tested, skipped }).toMatchObject({
      status: 4,
      tested: false,
      skipped: { degraded: 1000 },
    })
    expect(alarms[0]).toMatchObject({ kind: 'quality', features: expect.arrayContaining(['degraded']) })
  }, 120_000)

  const [whole] = lines(1, 1)
  it.each([
    ['a line that is not JSON', [whole!, 'income,age'], 'bad.jsonl, line 2: this is not JSON'],
    ['an explanation without contributions', [whole!.replace('"contributions":', '"c":')], '--contributions all'],
    ['a contribution that is no number', [whole!.replace(/"contribution":[^}]+/, '"contribution":1e999')], 'line 1'],
    [
      'two contributions of one feature',
      [whole!, whole!.replace('debt', 'term')],
      'bad.jsonl, line 2: this is no expl',
    ],
    [
      'contributions without a finite sum',
      [whole!, whole!.replaceAll(/"contribution":[^}]+/g, '"contribution":1e308')],
      'bad.jsonl, line 2: this is no explanation: contributions: is larger in all',
    ],
    [
      'other features under the same key',
      [...lines(1, 2), whole!.replace('"term"', '"rate"').replace('1-0', '')],
      'line 3: 5 contributions where the baseline has 5, none of term',
    ],
    ['an empty file', [], 'NOTHING_TO_COMPARE: bad.jsonl holds no explanation'],
    ['a single explanation', [whole!], 'REFERENCE_TOO_SMALL'],
  ])('refuses a baseline with %s, says where, and answers 2', async (_, content, message) => {
    await put('bad.jsonl', content)
    const { status, err, out } = await raisonDrift('--baseline', 'bad.jsonl', '--input', 'calm.jsonl')
    expect({ status, out, err }).toMatchObject({ status: 2, out: '', err: expect.stringContaining(message) })
  })

  it.each([
    ['to watch beside nothing', undefined, ['--input', 'calm.jsonl'], '--baseline <file>'],
    ['a file that is not there', 'baseline.jsonl', ['--input', 'none.jsonl'], 'ENOENT'],
    ['no window', 'baseline.jsonl', ['--input', 'calm.jsonl', '--window', '0'], '0 is not a whole number above 0'],
    ['an argument that nobody knows', 'baseline.jsonl', ['--input', 'calm.jsonl', '--windows', '5'], 'unknown option'],
  ])('refuses %s', async (_, baseline, args, message) => {
    const { status, err } = await raisonDrift(...(baseline === undefined ? [] : ['--baseline', baseline]), ...args)
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(message) })
  })

  it('names a directory and gzip where it reads lines', async () => {
    await writeFile(join(directory, 'calm.jsonl.gz'), gzipSync(lines(2, 10).join('\n')))
    const refused = await raisonDrift('--baseline', '.', '--input', 'calm.jsonl')
    expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('INPUT_NOT_LINES: . is a directory') })
    const { status, err } = await against('calm.jsonl.gz')
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('calm.jsonl.gz is gzip: unpack it') })
  })

  it('refuses a report over a file that it reads, and leaves that file', async () => {
    for (const name of ['baseline.jsonl', 'calm.jsonl']) {
      const before = await readFile(join(directory, name), 'utf8')
      const { status, err } = await against('calm.jsonl', '--html', `./${name}`)
      expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(`are the same file, ./${name}`) })
      expect(await readFile(join(directory, name), 'utf8')).toBe(before)
    }
  })

  it('says plainly that nothing was tested where not one window is whole', async () => {
    await put('few.jsonl', lines(2, 120))
    const { status, out } = await against('few.jsonl', '--html', 'few.html')
    const why = 'nothing was tested: 120 explanations are less than one window of 250; --window 120 makes one of them'
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining(why) })
    expect(out).not.toContain('no alarm')
    const page = await readFile(join(directory, 'few.html'), 'utf8')
    expect(page).toContain('<h1>Nothing was tested</h1>')
    expect(page).toContain(why)
    const tested = async (...more: readonly string[]) =>
      JSON.parse((await against('few.jsonl', '--json', ...more)).out).tested
    expect([await tested(), await tested('--by-key'), await tested('--window', '120')]).toEqual([false, false, true])
  })

  it('of an empty input says that there is nothing, and raises no alarm', async () => {
    await put('empty.jsonl', [])
    const { status, err, out } = await against('empty.jsonl', '--json', '--html', 'empty.html')
    expect({ status, err }).toMatchObject({ status: 0, err: expect.stringContaining('no explanation that counts') })
    expect(JSON.parse(out)).toMatchObject({ windows: 0, tested: false, alarms: [] })
  })
})
