import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { containerSettings, dockerRung, hasDockerEngine } from './docker-rung.ts'
import { composeFile } from './images.ts'
import { toContainerEnvironment } from './kafka-settings.ts'

test('an engine that does not answer is none', async () => {
  expect(await hasDockerEngine({ ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBe(false)
  expect(await hasDockerEngine({ PATH: '' })).toBe(false)
})

test('docker-compose.yml gives its broker the settings that every other rung has', () => {
  const lines = readFileSync(composeFile, 'utf8').split('\n')
  const environment = lines.flatMap((line) => /^ {6}(KAFKA_\w+): '?(.*?)'?$/.exec(line)?.slice(1, 3) ?? [])
  const inCompose = Object.fromEntries(
    Array.from({ length: environment.length / 2 }, (_, i) => environment.slice(2 * i, 2 * i + 2)),
  )
  expect(inCompose).toEqual({
    ...toContainerEnvironment(containerSettings('127.0.0.1:9092')),
    KAFKA_HEAP_OPTS: '-Xms128m -Xmx512m',
  })
})

test('containers serve a broker and a registry', async (context) => {
  if (!(await hasDockerEngine(process.env))) context.skip('no Docker engine answers on this machine')
  const [kafka, registry] = await Promise.all([dockerRung.startKafka(), dockerRung.startRegistry()])
  try {
    expect(kafka.address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect((await fetch(`${registry.address}/subjects`)).ok).toBe(true)
  } finally {
    await Promise.all([kafka.stop(), registry.stop()])
  }
})
