import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runRaison } from './run-raison.ts'

const away = { KAFKA_BROKERS: '127.0.0.1:1', SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2' }
const commands = [
  'topics --create',
  'quarantine list',
  'quarantine show 0/0',
  'quarantine replay --all',
  'drift alarms',
  'drift ack 1-1',
  'drift clear 1-1',
]

async function configFile(content: object): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'config.yaml')
  await writeFile(file, JSON.stringify(content))
  return file
}

test.each(commands)('raison %s, when no broker answers, says so and the way out, in one line', async (command) => {
  const { status, stderr } = await runRaison(command, away)
  expect(stderr).toMatch(/^raison: BROKER_UNREACHABLE: .*127\.0\.0\.1:1 .*ECONNREFUSED.*: check .*\n$/)
  expect(status).toBe(2)
})

test('a broker that takes connections and never answers is unreachable within seconds', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { status, stderr } = await runRaison('quarantine list', { ...away, KAFKA_BROKERS: `127.0.0.1:${port}` })
  expect(stderr).toMatch(/^raison: BROKER_UNREACHABLE: /)
  expect(status).toBe(2)
})

test.each(commands)('raison %s reads the certificate that the services read', async (command) => {
  const { status, stderr } = await runRaison(command, { ...away, KAFKA_SSL_CA: '/nope' })
  expect(stderr).toMatch(/^raison: CONFIG_INVALID: .*\/nope/)
  expect(status).toBe(2)
})

test('a cluster that nothing names is asked for, by variable and by key of the file', async () => {
  const { status, stderr } = await runRaison('quarantine list', {})
  expect(stderr).toMatch(/^raison: CONFIG_INVALID: .*set KAFKA_BROKERS, or kafka\.brokers in the file of RAISON_CONFIG/)
  expect(stderr).toContain('set SCHEMA_REGISTRY_URL, or registry.url in the file of RAISON_CONFIG')
  expect(status).toBe(2)
})

test("the file of a service says where the cluster is, and the service's own settings are passed over", async () => {
  const RAISON_CONFIG = await configFile({
    kafka: { brokers: ['127.0.0.1:3'] },
    registry: { url: 'http://127.0.0.1:4' },
    bundles: 'bundles',
    group: 'explainer',
    slices: [],
  })
  expect((await runRaison('drift alarms', { RAISON_CONFIG })).stderr).toMatch(/BROKER_UNREACHABLE: .*127\.0\.0\.1:3 /)
})

test('topics have the names that the file of a service gives them, or the environment', async () => {
  const RAISON_CONFIG = await configFile({ group: 'explainer', topics: { quarantined: 'aside', explained: 'reasons' } })
  const { stdout } = await runRaison('topics', { RAISON_CONFIG, RAISON_TOPIC_EXPLAINED: 'said' })
  expect(stdout).toMatch(/^decisions\.scored\nsaid\naside {2}max\.message\.bytes=\d+\n/)
})
