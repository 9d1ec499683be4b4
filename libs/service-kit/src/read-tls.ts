import { createSecureContext } from 'node:tls'
import { ConfigError } from './config-error.ts'
import { readSecret, readSetting } from './read-secret.ts'

/** Paths of PEM files; a passphrase is written, or better, named as a file of its own. */
export interface TlsSettings {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
  readonly passphraseFile?: string | undefined
}

/**
 * The texts in the files. Throws ConfigError, also for a certificate that cannot be used with its key: the Kafka client would take that
 * for a broker that is away, and wait for it.
 */
export function readTls({ ca, cert, key, passphrase, passphraseFile }: TlsSettings): Record<string, string> {
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError('kafka.ssl: set cert and key (KAFKA_SSL_CERT, KAFKA_SSL_KEY), or neither')
  const isLocked = passphrase !== undefined || passphraseFile !== undefined
  const texts = {
    ...(ca !== undefined && { ca: readSetting(ca) }),
    ...(cert !== undefined && { cert: readSetting(cert) }),
    ...(key !== undefined && { key: readSetting(key) }),
    ...(isLocked && { passphrase: readSecret({ password: passphrase, passwordFile: passphraseFile }) }),
  }
  try {
    createSecureContext(texts)
  } catch (cause) {
    const reason = (cause as Error).message
    throw new ConfigError(`kafka.ssl: the certificate cannot be used with its key (${reason}): check ${files}`, {
      cause,
    })
  }
  return texts
}

const files = 'cert, key and passphraseFile (KAFKA_SSL_CERT, KAFKA_SSL_KEY, KAFKA_SSL_PASSPHRASE_FILE)'
