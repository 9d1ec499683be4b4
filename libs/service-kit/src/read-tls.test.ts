import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { readTls } from './read-tls.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const texts = {
  cert: rootCertificates[0]!,
  key: privateKey.export(pkcs8).toString(),
  locked: privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'open' }).toString(),
  spoilt: 'no PEM',
}

test('authorities alone are enough', async () => {
  const { cert } = await files()
  expect(readTls({ ca: cert })).toEqual({ ca: texts.cert })
})

test.each([
  [
    'a certificate without its key',
    { cert: 'cert' },
    /^kafka\.ssl: set cert and key \(KAFKA_SSL_CERT, KAFKA_SSL_KEY\)/,
  ],
  ['a key without its certificate', { key: 'key' }, /^kafka\.ssl: set cert and key/],
  ['a key of another certificate', { cert: 'cert', key: 'key' }, /mismatch.*KAFKA_SSL_KEY/],
  ['a locked key without passphrase', { cert: 'cert', key: 'locked' }, /KAFKA_SSL_PASSPHRASE_FILE/],
  ['a certificate that is none', { cert: 'spoilt', key: 'key' }, /no start line.*KAFKA_SSL_CERT/],
] as const)('%s is refused before any broker is asked', async (_, named, says) => {
  const paths = await files()
  const settings = Object.fromEntries(Object.entries(named).map(([setting, name]) => [setting, paths[name]]))
  expect(() => readTls(settings)).toThrow(says)
})

test('a passphrase that opens the key is used, and another is refused', async () => {
  const { cert, locked: key } = await files()
  // Of 256 wrong ones, one gives bytes that are no key instead of none.
  expect(() => readTls({ cert, key, passphrase: 'closed' })).toThrow(/KAFKA_SSL_PASSPHRASE_FILE/)
  // The key is open now, and is not that of this certificate.
  expect(() => readTls({ cert, key, passphrase: 'open' })).toThrow(/mismatch/)
})

async function files(): Promise<Record<keyof typeof texts, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-tls-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const paths = { cert: '', key: '', locked: '', spoilt: '' }
  for (const name of Object.keys(paths) as (keyof typeof texts)[]) {
    paths[name] = join(directory, name)
    await writeFile(paths[name], texts[name])
  }
  return paths
}
