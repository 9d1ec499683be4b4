import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installKafka } from './distributions.ts'

const java = { home: '/java', command: '/java/bin/java', major: 21 }

test('no Maven on PATH is said, with the ways around it', async () => {
  const cache = await temporaryDirectory()
  const installing = installKafka(cache, '0', { java, env: { PATH: cache } })
  await expect(installing).rejects.toMatchObject({ code: 'MAVEN_NOT_FOUND' })
  await expect(installing).rejects.toThrow('install Maven, or start Docker, or give KAFKA_BROKERS')
})

test("a download that fails carries Maven's own reason and leaves nothing in the cache", async () => {
  const [cache, bin] = [await temporaryDirectory(), await temporaryDirectory()]
  await writeFile(
    join(bin, 'mvn'),
    '#!/bin/sh\necho "[ERROR] Could not transfer kafka_2.13: no route to host"\nexit 1\n',
  )
  await chmod(join(bin, 'mvn'), 0o755)
  const installing = installKafka(cache, '0', { java, env: { PATH: bin } })
  await expect(installing).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' })
  await expect(installing).rejects.toThrow('no route to host')
  expect(await readdir(cache)).toEqual([])
})

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
