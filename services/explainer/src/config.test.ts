import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from './config.ts'

const least = {
  KAFKA_BROKERS: 'localhost:9092',
  SCHEMA_REGISTRY_URL: 'http://localhost:8081',
  RAISON_BUNDLES: 'bundles',
  RAISON_GROUP: 'explainer',
}

test('one thread explains, and a missing artefact is fitted in six minutes for ten milliseconds, unless said', () => {
  expect(readConfig(least)).toMatchObject({ threads: 1, fit: { maxMinutes: 6, maxMilliseconds: 10 } })
})

test('transactions are made for latency unless said, and only for what there is', () => {
  expect(readConfig(least)).toMatchObject({ mode: 'latency', kafka: { sessionTimeoutMs: 30_000 } })
  expect(readConfig({ ...least, RAISON_MODE: 'throughput' }).mode).toBe('throughput')
  expect(() => readConfig({ ...least, RAISON_MODE: 'fast' })).toThrow(/^mode: .*set RAISON_MODE/)
})

test('explanations are not compressed unless said, and only by a codec that is known', () => {
  expect(readConfig(least).compression).toBe('none')
  expect(readConfig({ ...least, RAISON_COMPRESSION: 'zstd' }).compression).toBe('zstd')
  expect(() => readConfig({ ...least, RAISON_COMPRESSION: 'lz4' })).toThrow(/^compression: .*set RAISON_COMPRESSION/)
})

test('the environment says how many threads explain and how models are fitted', () => {
  const env = { ...least, RAISON_THREADS: '4', RAISON_FIT_MAX_MINUTES: '0.5' }
  expect(readConfig(env)).toMatchObject({ threads: 4, fit: { maxMinutes: 0.5, maxMilliseconds: 10 } })
  expect(readConfig({ ...env, RAISON_FIT: 'off' }).fit).toBe('off')
})

test('the file turns fitting off, and the environment on again', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'raison-config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const RAISON_CONFIG = join(directory, 'config.yaml')
  await writeFile(RAISON_CONFIG, 'fit: off\n')
  expect(readConfig({ ...least, RAISON_CONFIG }).fit).toBe('off')
  expect(readConfig({ ...least, RAISON_CONFIG, RAISON_FIT_MAX_MILLISECONDS: '5' }).fit).toEqual({
    maxMinutes: 6,
    maxMilliseconds: 5,
  })
})

test('a setting that is wrong is named with the way out', () => {
  const withFit = (value: string) => () => readConfig({ ...least, RAISON_FIT: value })
  expect(withFit('never')).toThrow('fit: is off, or maxMinutes and maxMilliseconds, numbers above 0 (set RAISON_FIT')
  expect(() => readConfig({ ...least, RAISON_FIT_MAX_MINUTES: '0' })).toThrow(/^fit/)
  expect(() => readConfig({ ...least, RAISON_THREADS: 'many' })).toThrow('set RAISON_THREADS')
})
