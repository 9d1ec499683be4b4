import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { runRaison } from '../run-raison.ts'

const [broker, registryUrl] = [inject('kafkaBrokers'), inject('schemaRegistryUrl')]

/** The environment of one whose `raison up` has started these servers. */
async function afterUp(home: string): Promise<NodeJS.ProcessEnv> {
  const mark = `raison.platform=${home}`
  const server = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 60_000)', mark], { stdio: 'ignore' })
  await once(server, 'spawn')
  onTestFinished(() => void server.kill())
  const state = { brokers: [broker], registryUrl, how: 'Kafka', processes: [{ pid: server.pid, mark }] }
  await mkdir(join(home, 'raison'))
  await writeFile(join(home, 'raison', 'platform.json'), JSON.stringify(state))
  return { ...process.env, KAFKA_BROKERS: undefined, SCHEMA_REGISTRY_URL: undefined, XDG_STATE_HOME: home }
}

// The services that read the same file then missed their topics.
test("the topics on servers of one's own have the names that the file of a service gives them", async () => {
  const home = await mkdtemp(join(tmpdir(), 'raison-up-'))
  onTestFinished(() => rm(home, { recursive: true }))
  const keys = ['decisions', 'explained', 'quarantined', 'windows', 'windowsState', 'drift', 'driftState']
  const topics = Object.fromEntries(keys.map((key) => [key, `${home.split('/').at(-1)}.${key}`]))
  const elsewhere = { kafka: { brokers: ['127.0.0.1:1'], ssl: true }, registry: { url: 'http://127.0.0.1:2' } }
  const RAISON_CONFIG = join(home, 'config.yaml')
  await writeFile(RAISON_CONFIG, JSON.stringify({ ...elsewhere, topics }))

  const { status, stdout, stderr } = await runRaison(['up'], '', { ...(await afterUp(home)), RAISON_CONFIG })
  expect(stderr).toContain(`topics created: ${Object.values(topics).join(', ')}\n`)
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `KAFKA_BROKERS=${broker}\nSCHEMA_REGISTRY_URL=${registryUrl}\n`,
  })
})
