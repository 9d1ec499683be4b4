import { appendFile, cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLine, stop } from './open-line.ts'
import { readRecords } from './read-records.ts'

test('told to stop while it waits for a registry that is away, it ends at once', async () => {
  const { start } = await openLine('loan-logistic')
  const explainer = start({ SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' })
  await explainer.shows(/waiting for the schema registry/)
  expect(await stop(explainer)).toBe(0)
})

test('two threads explain side by side, each decision once', async () => {
  const { start, send, explained, topics, brokers } = await openLine('loan-logistic')
  const explainer = start({ RAISON_THREADS: '2' })
  await send(100)
  await explained()
  expect(await stop(explainer)).toBe(0)
  expect(await readRecords(brokers, topics.explained)).toHaveLength(100)
})

test('two directories of one version with other bytes stop the start, and the message names both', async () => {
  const { start, bundles } = await openLine('loan-logistic')
  await cp(join(bundles, 'one'), join(bundles, 'two'), { recursive: true })
  await appendFile(join(bundles, 'two', 'reasons.yaml'), '# another\n')
  const explainer = start({ RAISON_THREADS: '2' })
  expect(await explainer.ended).toBe(2)
  expect(explainer.stderr()).toMatch(/"code":"CONFIG_INVALID".*one.*two/)
})

test('told to stop under load, its threads finish what is in work, and the next instance begins where it ended', async () => {
  const { start, send, explained, topics, brokers } = await openLine('loan-xgboost')
  const count = 6000
  const first = start({ RAISON_THREADS: '2' })
  await first.shows(/"started"/)
  await send(count)
  while ((await readRecords(brokers, topics.explained)).length === 0);
  expect(await stop(first)).toBe(0)
  const second = start()
  await explained()
  expect(await stop(second)).toBe(0)
  const sources = (await readRecords(brokers, topics.explained)).map(({ headers }) => String(headers!['raison-source']))
  expect([sources.length, new Set(sources).size]).toEqual([count, count])
})

test('told to stop with thousands of decisions of a slow model to come, it finishes small batches and ends in time', async () => {
  const { start, send, topics, brokers } = await openLine('loan-neural-net')
  const explainer = start({ RAISON_FIT: 'off' })
  await send(4000)
  while ((await readRecords(brokers, topics.explained)).length === 0);
  expect(await stop(explainer)).toBe(0)
  expect((await readRecords(brokers, topics.explained)).length).toBeLessThan(4000)
})

test('told to stop while a fit is under way, it ends and leaves the fit to another', async () => {
  const { start, bundles } = await openLine('loan-neural-net')
  const explainer = start()
  await explainer.shows(/fit: fitting the cosine network/)
  const lock = async (): Promise<string[]> =>
    (await readdir(join(bundles, 'one', 'artefacts'))).filter((name) => name.endsWith('.fitting'))
  expect(await lock()).toHaveLength(1)
  expect(await stop(explainer)).toBe(0)
  while ((await lock()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
})
