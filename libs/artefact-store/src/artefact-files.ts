import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SurrogateArtefact } from '@raison/surrogate'
import { ArtefactError } from './artefact-error.ts'
import { decodeData, encodeData } from './plain-data.ts'

/** An artefact, and the hash of its bytes: the same hash, the same explanations. */
export interface StoredArtefact {
  readonly artefact: SurrogateArtefact
  /** Hex. */
  readonly sha256: string
  readonly byteCount: number
}

/** Changes when artefacts of an earlier version would be read wrongly. */
const format = 1
const directoryName = 'artefacts'

/** What an artefact was fitted for: everything that its numbers depend on beside the fit itself. */
export function artefactKey(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify([format, ...parts]), 'hex').slice(0, 16)
}

/**
 * The artefact for `key` beside the bundle; undefined when none was fitted. Of several the one that comes first by name, on
 * every machine. Throws ArtefactError ARTEFACT_UNREADABLE when its bytes are not those that it is named after.
 */
export async function findArtefact(bundleDirectory: string, key: string): Promise<StoredArtefact | undefined> {
  const directory = join(bundleDirectory, directoryName)
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw unreadable(directory, error.message, error)
  })
  const name = names.filter((candidate) => candidate.startsWith(`${key}.`) && candidate.endsWith('.raison')).sort()[0]
  if (name === undefined) return undefined
  const file = join(directory, name)
  const bytes = await readFile(file).catch((cause: Error) => {
    throw unreadable(file, cause.message, cause)
  })
  const sha256 = hash('sha256', bytes, 'hex')
  if (name !== fileName(key, sha256)) throw unreadable(file, 'its bytes are not those it is named after')
  return { artefact: decodeData(bytes) as SurrogateArtefact, sha256, byteCount: bytes.length }
}

/** Writes the artefact beside the bundle, whole or not at all. Throws ArtefactError ARTEFACT_UNWRITABLE. */
export async function writeArtefact(
  bundleDirectory: string,
  key: string,
  artefact: SurrogateArtefact,
): Promise<StoredArtefact & { readonly file: string }> {
  const directory = join(bundleDirectory, directoryName)
  const bytes = encodeData(artefact)
  const sha256 = hash('sha256', bytes, 'hex')
  const file = join(directory, fileName(key, sha256))
  const unfinished = `${file}.${process.pid}.unfinished`
  try {
    await mkdir(directory, { recursive: true })
    await writeFile(unfinished, bytes)
    await rename(unfinished, file)
  } catch (cause) {
    throw new ArtefactError(
      'ARTEFACT_UNWRITABLE',
      `${file} cannot be written (${(cause as Error).message}): make room, or let this user write beside the bundle`,
      { cause },
    )
  }
  return { artefact, sha256, byteCount: bytes.length, file }
}

function fileName(key: string, sha256: string): string {
  return `${key}.${sha256.slice(0, 32)}.raison`
}

function unreadable(file: string, why: string, cause?: unknown): ArtefactError {
  return new ArtefactError('ARTEFACT_UNREADABLE', `${file}: ${why}; remove it and run raison fit again`, { cause })
}
