import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runRaison } from './run-raison.ts'

/** Nothing answers there. */
const broker = '127.0.0.1:1'
const registryUrl = 'http://127.0.0.1:2/apis'
const exported = { KAFKA_BROKERS: broker, SCHEMA_REGISTRY_URL: registryUrl }

interface Addresses {
  readonly broker: string
  readonly registryUrl: string
}

/** The environment of one who has started these servers, which have ended since. */
async function afterUp(addresses: Addresses): Promise<{ readonly XDG_STATE_HOME: string }> {
  const home = await mkdtemp(join(tmpdir(), 'raison-down-'))
  onTestFinished(() => rm(home, { recursive: true }))
  await mkdir(join(home, 'raison'))
  const processes = [{ pid: 2 ** 30, mark: '-Draison.platform=ended' }]
  const state = { brokers: [addresses.broker], registryUrl: addresses.registryUrl, how: 'Kafka', processes }
  await writeFile(join(home, 'raison', 'platform.json'), JSON.stringify(state))
  return { XDG_STATE_HOME: home }
}

async function listening(): Promise<string> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('what the shell still names of the stopped servers is printed as the command that unsets it', async () => {
  const env = { ...(await afterUp({ broker, registryUrl })), ...exported }
  const { status, stdout } = await runRaison('down', env)
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'unset KAFKA_BROKERS SCHEMA_REGISTRY_URL\n' })
})

test('a shell that names other servers, or none, is told of nothing to unset', async () => {
  const other = { KAFKA_BROKERS: '127.0.0.1:3', SCHEMA_REGISTRY_URL: '' }
  const { stdout } = await runRaison('down', { ...(await afterUp({ broker, registryUrl })), ...other })
  expect(stdout).toBe('')
})

test('a broker that was given and still answers stays named', async () => {
  const given = await listening()
  const env = { ...(await afterUp({ broker: given, registryUrl })), ...exported, KAFKA_BROKERS: given }
  expect((await runRaison('down', env)).stdout).toBe('unset SCHEMA_REGISTRY_URL\n')
})

test('up, in a shell that names stopped servers, says how to unset them', async () => {
  const { status, stdout, stderr } = await runRaison('up', { ...(await afterUp({ broker, registryUrl })), ...exported })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^raison: BROKER_NOT_READY: .*`unset KAFKA_BROKERS SCHEMA_REGISTRY_URL`\n$/)
})
