import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { openInput } from './open-input.ts'

test.each(['', '{', '{"eventId":"1"}\n'.repeat(10_000)])('gives every byte of a file (%#)', async (content) => {
  const chunks: Buffer[] = []
  for await (const chunk of await openInput(put(content), 'decisions')) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe(content)
})

test('refuses gzip and a directory by their names, before anything is read of it', async () => {
  const file = put(gzipSync('{}'))
  await expect(openInput(file, 'decisions')).rejects.toThrow(`${file} is gzip: unpack it first`)
  await expect(openInput(tmpdir(), 'decisions')).rejects.toThrow(`${tmpdir()} is a directory: name a file of decisions`)
})

function put(content: string | Buffer): string {
  const directory = mkdtempSync(join(tmpdir(), 'raison-input-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'input'), content)
  return join(directory, 'input')
}
