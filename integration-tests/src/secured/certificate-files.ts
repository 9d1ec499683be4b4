import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './authority.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** The settings of a client that shows this certificate; with a passphrase its key is locked with that. */
export async function certificateFiles(
  { cert, key }: Certificate,
  passphrase?: string,
): Promise<Readonly<Record<string, string>>> {
  const directory = await temporaryDirectory()
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const KAFKA_SSL_CERT = await write('cert.pem', cert)
  if (passphrase === undefined) return { KAFKA_SSL_CERT, KAFKA_SSL_KEY: await write('key.pem', key) }
  return {
    KAFKA_SSL_CERT,
    KAFKA_SSL_KEY: await write('key.pem', locked(key, passphrase)),
    KAFKA_SSL_PASSPHRASE_FILE: await write('passphrase', `${passphrase}\n`),
  }
}

const locked = (key: string, passphrase: string): string =>
  createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()
