import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig, type DriftMonitorConfig } from './config.ts'

const least = { KAFKA_BROKERS: 'localhost:9092', SCHEMA_REGISTRY_URL: 'http://localhost:8081' }

test('windows of 250 explanations and 20,000 of a reference, unless said', () => {
  expect(readConfig(least)).toMatchObject({ windows: { explanations: 250 }, reference: 20_000, runLength: 2000 })
  const env = { ...least, RAISON_WINDOW: '500', RAISON_RUN_LENGTH: '1000', RAISON_WEBHOOK_URL: 'https://hooks.example' }
  expect(readConfig(env)).toMatchObject({
    windows: { explanations: 500 },
    runLength: 1000,
    webhook: { url: 'https://hooks.example' },
  })
})

test('slices and windows by time come from the file', async () => {
  const slices = [
    { name: 'branch', feature: 'channel', equals: 'branch' },
    { name: 'young', feature: 'age', below: 25 },
  ]
  const config = await withFile({ slices, windows: { minutes: 60 } })
  expect(config()).toMatchObject({ slices, windows: { minutes: 60, latenessMinutes: 10 } })
})

test.each([
  ['slices.0', { slices: [{ name: 'all', feature: 'age' }] }],
  ['slices.0', { slices: [{ name: 'both', feature: 'age', equals: 1, below: 2 }] }],
  ['slices.0', { slices: [{ name: 'nobody', feature: 'age', below: 5, atLeast: 10 }] }],
  ['slices', { slices: Array.from({ length: 2 }, () => ({ name: 'a', feature: 'age', below: 1 })) }],
  ['slices', { slices: Array.from({ length: 32 }, (_, k) => ({ name: `${k}`, feature: 'age', below: k })) }],
  ['windows.explanations', { windows: { explanations: 5 } }],
  ['windows', { windows: { explanations: 250, minutes: 5 } }],
  ['severity', { severity: { warning: 0.5, critical: 0.1 } }],
  ['runLength', { runLength: 1e308 }],
  ['webhook.url', { webhook: { url: 'https://user:secret@hooks.example/drift' } }],
  ['webhook.url', { webhook: { url: 'no address' } }],
  ['topics', { topics: { drift: 'explanations.windows' } }],
])('a wrong setting is named: %s', async (path, content) => {
  const config = await withFile(content)
  expect(config).toThrow(new RegExp(`^${path.replace('.', '\\.')}: `))
})

test.each([
  ['RAISON_WINDOW', 'windows.explanations: is 100,000 at most: the rows of an open window are held in memory'],
  ['RAISON_REFERENCE', 'reference: is 1,000,000 at most: until a baseline is learned'],
])('what would not fit into memory is refused: %s', (variable, message) => {
  expect(() => readConfig({ ...least, [variable]: '1e9' })).toThrow(message)
})

test('a link with a place that cannot be filled in is refused, with those that can', () => {
  const withLink = (link: string) => readConfig({ ...least, RAISON_LINK: link }).link
  const known = 'https://console.example/{model}/{version}?left={"queries":[{"expr":"up{job=1}"}]}'
  expect(() => withLink('https://console.example/{modell}/{feature}')).toThrow(
    /^link: nothing is known to fill in for \{modell\}: there are \{model\}, \{version\}, .*\{alarmId\} \(set RAISON_LINK/,
  )
  expect(withLink(known)).toBe(known)
})

async function withFile(content: object): Promise<() => DriftMonitorConfig> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const RAISON_CONFIG = join(directory, 'config.yaml')
  await writeFile(RAISON_CONFIG, JSON.stringify(content))
  return () => readConfig({ ...least, RAISON_CONFIG })
}
