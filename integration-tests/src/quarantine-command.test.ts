import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { simulateApplications } from '@raison/loan-demo'
import { expect, test } from 'vitest'
import { openLine, type Line } from './open-line.ts'
import { jsonLines, platformEnvironment, runRaison, startRaison, type Run } from './run-raison.ts'
import { sendRecords } from './stream-input.ts'
import { readRecords } from './read-records.ts'

interface Listed {
  readonly position: string
  readonly source: string
  readonly code: string
  readonly replayOf?: string
  readonly replayed?: { readonly mended: boolean }
}

const environmentOf = ({ topics }: Line): NodeJS.ProcessEnv => ({
  ...platformEnvironment(),
  RAISON_TOPIC_QUARANTINED: topics.quarantined,
})

const quarantine = (line: Line, ...args: readonly string[]): Promise<Run> =>
  runRaison(['quarantine', ...args], '', environmentOf(line))

async function list(line: Line, ...args: readonly string[]): Promise<Listed[]> {
  return jsonLines<Listed>((await quarantine(line, 'list', '--json', ...args)).stdout)
}

/** A line whose explainer has set so many unreadable records aside. */
async function withSpoilt(count: number): Promise<Line> {
  const line = await openLine('loan-xgboost')
  const { shows } = line.start()
  await shows(/started/)
  const spoilt = Array.from({ length: count }, (_, k) => ({ key: `spoilt-${k}`, value: Buffer.from('no Avro') }))
  await sendRecords(line.brokers, line.topics.decisions, spoilt)
  await line.explained()
  return line
}

test('a record that was set aside is listed, shown, mended, and explained exactly once', async () => {
  const line = await withSpoilt(1)
  const [aside] = (await list(line)) as [Listed]
  expect(aside).toMatchObject({ position: '0/0', code: expect.stringMatching(/^EVENT_/) })
  const shown = JSON.parse((await quarantine(line, 'show', aside.source)).stdout)
  expect(shown).toMatchObject({ key: 'spoilt-0', unreadable: { code: aside.code } })
  expect(JSON.stringify(shown)).not.toContain(Buffer.from('no Avro').toString('hex'))

  const [{ features } = { features: {} }] = [...simulateApplications({ seed: 5, count: 1 })]
  const model = { name: 'loan-xgboost', version: '1.0.0' }
  const file = join(line.bundles, 'mended.json')
  await writeFile(file, JSON.stringify({ eventId: 'mended-1', decisionId: 'mended', model, features }))
  const mend = ['replay', aside.position, '--value', file]
  expect(await quarantine(line, ...mend)).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
  expect(await quarantine(line, ...mend, '--dry-run')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^would/),
  })
  expect(await quarantine(line, ...mend, '--yes')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^replayed 0\/0/),
  })
  expect(await quarantine(line, ...mend, '--yes')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('QUARANTINE_REPLAYED'),
  })
  await line.explained()
  expect((await readRecords(line.brokers, line.topics.explained)).map(({ key }) => String(key))).toEqual(['mended'])
  expect(await list(line)).toMatchObject([{ replayed: { mended: true } }])
})

test('the file of a service says where the quarantine is, and a registry that is away is named with the way out', async () => {
  const line = await withSpoilt(1)
  const file = join(line.bundles, 'config.yaml')
  const content = {
    kafka: { brokers: line.brokers },
    registry: { url: line.registryUrl },
    group: 'explainer',
    topics: { quarantined: line.topics.quarantined },
  }
  await writeFile(file, JSON.stringify(content))
  const summary = (env: NodeJS.ProcessEnv) => runRaison(['quarantine', 'list', '--summary'], '', env)
  expect(await summary({ RAISON_CONFIG: file })).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^1 {2}EVENT_/),
  })
  expect(await summary({ RAISON_CONFIG: file, SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2' })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^raison: REGISTRY_UNAVAILABLE: .*127\.0\.0\.1:2 .*: check that it runs.*\n$/),
  })
})

test('what is replayed as it was fails as it did, and says what it is a replay of', async () => {
  const line = await withSpoilt(2)
  expect(await quarantine(line, 'replay', '--all', '--code', 'MODEL_UNKNOWN', '--yes')).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining('nothing to replay'),
  })
  expect(JSON.parse((await quarantine(line, 'replay', '--all', '--yes', '--json')).stdout)).toMatchObject({ left: 0 })
  await line.explained()
  const listed = await list(line)
  const originals = listed.filter(({ replayOf }) => replayOf === undefined)
  expect(listed).toHaveLength(4)
  expect(listed.flatMap(({ replayOf }) => replayOf ?? []).toSorted()).toEqual(
    originals.map(({ source }) => source).toSorted(),
  )
  expect((await quarantine(line, 'list', '--summary')).stdout).toMatch(/^4 {2}EVENT_\w+ \(decode\)\n$/)
})

test('each record is replayed once, by two at a time and by those that are killed at any moment', async () => {
  const records = 12
  const line = await withSpoilt(records)
  const replayAll = ['quarantine', 'replay', '--all', '--yes']
  for (const ms of [1200, 1700, 2300]) {
    const { process: victim, ended } = startRaison(replayAll, environmentOf(line))
    await pause(ms)
    victim.kill('SIGKILL')
    await ended
  }
  const sources = (await list(line)).filter(({ replayOf }) => replayOf === undefined)
  expect(sources).toHaveLength(records)
  const both = await Promise.all([quarantine(line, ...replayAll.slice(1)), quarantine(line, ...replayAll.slice(1))])
  for (const { status, stderr } of both) if (status !== 0) expect(stderr).toContain('QUARANTINE_OVERTAKEN')
  await quarantine(line, ...replayAll.slice(1))

  const sent = await readRecords(line.brokers, line.topics.decisions)
  const replays = sent.flatMap(({ headers }) => headers!['raison-replay-of']?.toString() ?? [])
  for (const { source } of sources) expect(replays.filter((of) => of === source)).toHaveLength(1)
})

test('a quarantine in which nothing lies is summed up in a note, and no line of results', async () => {
  const run = await quarantine(await openLine('loan-xgboost'), 'list', '--summary')
  expect(run).toEqual({ status: 0, stdout: '', stderr: 'note: nothing in the quarantine matches\n' })
})

test.each([
  ['an unknown position', ['show', '7/7'], 'QUARANTINE_UNKNOWN'],
  ['neither positions nor --all', ['replay'], 'USAGE'],
  ['positions and a filter', ['replay', '0/0', '--code', 'X'], 'USAGE'],
  ['another topic', ['list', '--topic', 'no.such.topic'], 'TOPIC_MISSING'],
  ['no time', ['list', '--since', 'soon'], 'is no time'],
  ['no number', ['list', '--limit', 'abc'], 'abc is not a whole number above 0'],
  ['a number below 1', ['list', '--limit', '-1'], '-1 is not a whole number above 0'],
])('%s is refused with the way out', async (_, args, message) => {
  const line = await openLine('loan-xgboost')
  expect(await quarantine(line, ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) })
})
