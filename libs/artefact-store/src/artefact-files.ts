import { hash } from 'node:crypto'
import { access, constants, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SurrogateArtefact } from '@raison/surrogate'
import { ArtefactError } from './artefact-error.ts'
import { decodeData, encodeData } from './plain-data.ts'

/** An artefact, and the hash of its bytes: the same hash, the same explanations. */
export interface StoredArtefact {
  readonly artefact: SurrogateArtefact
  readonly file: string
  /** Hex. */
  readonly sha256: string
  readonly byteCount: number
}

/** Changes when artefacts of an earlier version would be read wrongly. */
const format = 1
/** In the bundle's directory. */
export const directoryName = 'artefacts'

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
  return { artefact: decode(bytes, file), file, sha256, byteCount: bytes.length }
}

/** Throws ArtefactError ARTEFACT_UNWRITABLE where `writeArtefact` would, before the work and not after it. */
export async function assertWritable(bundleDirectory: string): Promise<void> {
  const directory = join(bundleDirectory, directoryName)
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.W_OK)
  } catch (cause) {
    throw unwritable(directory, cause as Error)
  }
}

/** Writes the artefact beside the bundle, whole or not at all. Throws ArtefactError ARTEFACT_UNWRITABLE. */
export async function writeArtefact(
  bundleDirectory: string,
  key: string,
  artefact: SurrogateArtefact,
): Promise<StoredArtefact> {
  const bytes = encodeData(artefact)
  const sha256 = hash('sha256', bytes, 'hex')
  const file = await writeWhole(bundleDirectory, fileName(key, sha256), bytes)
  return { artefact, file, sha256, byteCount: bytes.length }
}

/**
 * Writes a file of this name where the artefacts lie, and answers its path: whole or not at all, a reader never sees half of it.
 * Throws ArtefactError ARTEFACT_UNWRITABLE.
 */
export async function writeWhole(bundleDirectory: string, name: string, content: Uint8Array | string): Promise<string> {
  const directory = join(bundleDirectory, directoryName)
  const file = join(directory, name)
  const unfinished = `${file}.${process.pid}.unfinished`
  try {
    await mkdir(directory, { recursive: true })
    await writeFile(unfinished, content)
    await rename(unfinished, file)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw unwritable(file, cause as Error)
  }
  return file
}

function fileName(key: string, sha256: string): string {
  return `${key}.${sha256.slice(0, 32)}.raison`
}

/** The name vouches for the bytes: what fails here is an artefact that another program wrote. */
function decode(bytes: Uint8Array, file: string): SurrogateArtefact {
  try {
    return decodeData(bytes) as SurrogateArtefact
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause)
  }
}

function unreadable(file: string, why: string, cause?: unknown): ArtefactError {
  return new ArtefactError('ARTEFACT_UNREADABLE', `${file}: ${why}; remove it and run raison fit again`, { cause })
}

export function unwritable(path: string, cause: Error): ArtefactError {
  return new ArtefactError(
    'ARTEFACT_UNWRITABLE',
    `${path} cannot be written (${cause.message}): make room, or let this user write beside the bundle`,
    { cause },
  )
}
