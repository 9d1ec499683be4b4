import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, onTestFinished, test } from 'vitest'
import { downPlatform, upPlatform } from './background-platform.ts'
import { findJava } from './find-java.ts'
import type { PlatformAddresses } from './given.ts'
import { isAlive } from './own-process.ts'
import type { PlatformState } from './platform-state.ts'

test('two ups at the same instant start once, up again replaces servers that died without losing records or schema ids, and down leaves no process', async (context) => {
  const home = await mkdtemp(join(tmpdir(), 'raison-up-'))
  // An engine that is not there: the user's own containers are none of this test's business.
  const noEngine = { DOCKER_HOST: 'tcp://127.0.0.1:1', KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' }
  const env = { ...process.env, ...noEngine, XDG_STATE_HOME: home }
  await findJava(env).catch((error: Error) => context.skip(error.message))
  const said: string[] = []
  const options = { say: (line: string) => said.push(line), env }
  const readProcesses = async () =>
    (JSON.parse(await readFile(join(home, 'raison', 'platform.json'), 'utf8')) as PlatformState).processes
  onTestFinished(async () => {
    await downPlatform(options)
    await rm(home, { recursive: true, force: true })
  })

  const [first, atOnce] = await Promise.all([upPlatform(options), upPlatform(options)])
  expect(atOnce).toEqual(first)
  const [kafka, registry] = await readProcesses()
  expect(await upPlatform(options)).toEqual(first)
  expect(said.at(-1)).toMatch(/^already up: Kafka .* on a local JVM/)
  expect(await readProcesses()).toEqual([kafka, registry])
  await produce(first, 'kept')
  const id = await register(first, 'kept-value')

  process.kill(kafka!.pid, 'SIGKILL')
  await expect.poll(() => isAlive(kafka!)).toBe(false)
  const second = await upPlatform(options)
  expect(await isAlive(registry!)).toBe(false)
  expect(await consumeOne(second)).toBe('kept')
  expect(await register(second, 'kept-value')).toBe(id)

  const processes = await readProcesses()
  await downPlatform(options)
  expect(await Promise.all(processes.map(isAlive))).toEqual([false, false])
  await downPlatform(options)
  expect(said.at(-1)).toBe('nothing is up')
}, 240_000)

const connectTo = ({ brokers }: PlatformAddresses): Kafka =>
  new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })

async function produce(platform: PlatformAddresses, value: string): Promise<void> {
  const kafka = connectTo(platform)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  await producer.send({ topic: 'kept', messages: [{ value }] })
  await producer.disconnect()
}

async function consumeOne(platform: PlatformAddresses): Promise<string | undefined> {
  const consumer = connectTo(platform).consumer({ groupId: 'reader' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'kept', fromBeginning: true })
  const value = await new Promise<string | undefined>((resolve, reject) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) }).catch(reject)
  })
  await consumer.disconnect()
  return value
}

async function register(platform: PlatformAddresses, subject: string): Promise<number> {
  const response = await fetch(`${platform.registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({
      schema: JSON.stringify({ type: 'record', name: 'Kept', fields: [{ name: 'a', type: 'int' }] }),
    }),
  })
  return ((await response.json()) as { id: number }).id
}
