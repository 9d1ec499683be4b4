import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { readGiven } from './given.ts'
import { startPlatform } from './start-platform.ts'

async function listen(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('addresses that are given are used as they are, and said', async () => {
  const [broker, registry] = [await listen(), await listen()]
  const said: string[] = []
  const env = { KAFKA_BROKERS: ` ${broker}, 127.0.0.1:1`, SCHEMA_REGISTRY_URL: `http://${registry}/apis` }
  const platform = await startPlatform({ say: (line) => said.push(line), env })
  expect(platform.brokers).toEqual([broker, '127.0.0.1:1'])
  expect(platform.registryUrl).toBe(`http://${registry}/apis`)
  expect(said).toEqual(['Kafka given by KAFKA_BROKERS, registry given by SCHEMA_REGISTRY_URL'])
})

test('empty variables give nothing', async () => {
  expect(await readGiven({ KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' })).toEqual({})
})

test.each([
  ['127.0.0.1', 'a broker without a port'],
  ['127.0.0.1:99999', 'a port that is none'],
])('KAFKA_BROKERS=%s (%s) is refused by name', async (brokers) => {
  await expect(readGiven({ KAFKA_BROKERS: brokers })).rejects.toMatchObject({ code: 'BROKER_NOT_READY' })
  await expect(readGiven({ KAFKA_BROKERS: brokers })).rejects.toThrow(`KAFKA_BROKERS=${brokers}`)
})

test('a given address where nobody answers is refused at once', async () => {
  const closed = `127.0.0.1:${await freePort()}`
  await expect(readGiven({ KAFKA_BROKERS: closed })).rejects.toMatchObject({ code: 'BROKER_NOT_READY' })
  const registry = readGiven({ SCHEMA_REGISTRY_URL: `http://${closed}` })
  await expect(registry).rejects.toMatchObject({ code: 'REGISTRY_NOT_READY' })
})
