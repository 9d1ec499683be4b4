import { readdirSync } from 'node:fs'
import type { Logger } from 'pino'
import { ConfigError } from './config-error.ts'

/** The directory of bundles can be read and is not itself one. Throws ConfigError; an empty one is only said: bundles may yet come. */
export function checkBundles(directory: string, log: Logger): void {
  const names = namesIn(directory)
  if (names.includes('bundle.yaml'))
    throw new ConfigError(`bundles: ${directory} is a bundle itself: set RAISON_BUNDLES to the directory that holds it`)
  if (names.length === 0) log.warn({ bundles: directory }, 'no bundle is here yet')
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (cause) {
    throw new ConfigError(
      `bundles: ${directory} cannot be read: ${(cause as Error).message} (set RAISON_BUNDLES to a directory that holds bundle directories)`,
      { cause },
    )
  }
}
