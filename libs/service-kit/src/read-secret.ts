import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'

/** A password from its file, else as written. Files end in a newline more often than passwords do. */
export function readSecret({
  password,
  passwordFile,
}: {
  password?: string | undefined
  passwordFile?: string | undefined
}): string {
  if (passwordFile !== undefined) return readSetting(passwordFile).trimEnd()
  if (password === undefined) throw new ConfigError('a user name without password: set passwordFile (or password)')
  return password
}

/** A file that the configuration names: a certificate, a key, a password. */
export function readSetting(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`cannot read ${path}, which the configuration names: ${(cause as Error).message}`, { cause })
  }
}
