import { isUtf8 } from 'node:buffer'
import type { Stats } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { BundleError, type BundleErrorCode } from './errors.ts'
import type { Position } from './read-yaml.ts'

/** A file as bundle.yaml names it, and where it does; no position for bundle.yaml itself. */
export interface NamedFile {
  readonly file: string
  readonly at: Position | undefined
}

const megabyte = 2 ** 20

/** More than anybody writes by hand or can mean by reference rows; protobuf, and so ONNX, ends at 2 GB. */
export const largest: Readonly<Record<'yaml' | 'reference' | 'model', number>> = {
  yaml: 4 * megabyte,
  reference: 32 * megabyte,
  model: 2 ** 31 - 1,
}

/** The real path of `directory`. Throws BundleError BUNDLE_MISSING. */
export async function findDirectory(directory: string): Promise<string> {
  const { real, stats } = await resolveLinks(directory).catch((cause: unknown) => {
    const reason = (cause as Error).message
    throw noBundle(
      `cannot open the directory ${directory} (${reason}); pass the directory that holds bundle.yaml`,
      cause,
    )
  })
  if (stats.isDirectory()) return real
  throw noBundle(`${directory} is a file; pass the directory that holds bundle.yaml`)
}

async function resolveLinks(path: string): Promise<{ real: string; stats: Stats }> {
  const real = await realpath(path)
  return { real, stats: await stat(real) }
}

function noBundle(message: string, cause?: unknown): BundleError {
  const place = { file: 'bundle.yaml', line: undefined, column: undefined }
  return new BundleError([{ code: 'BUNDLE_MISSING', ...place, message }], { cause })
}

/** The real path of a regular file that lies inside the bundle and has at most `most` bytes. Throws BundleError. */
export async function findFile(bundle: string, named: NamedFile, most: number = Infinity): Promise<string> {
  const path = join(bundle, named.file)
  if (isAbsolute(named.file) || !isInside(bundle, path)) throw fileError('BUNDLE_PATH', named, outside)
  const { real, stats } = await resolveLinks(path).catch((cause: unknown) => {
    throw notFound(named, cause)
  })
  if (!isInside(bundle, real)) throw fileError('BUNDLE_PATH', named, outside)
  if (!stats.isFile())
    throw fileError('BUNDLE_FILE_UNREADABLE', named, 'is not a regular file; put the file itself there')
  const size = `has ${stats.size} bytes, and ${most} are the most; give a smaller one`
  if (stats.size > most) throw fileError('BUNDLE_FILE_TOO_LARGE', named, size)
  return real
}

const outside = 'lies outside the bundle; copy the file into the bundle and name it relative to it'

function isInside(bundle: string, path: string): boolean {
  const way = relative(bundle, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function notFound(named: NamedFile, cause: unknown): BundleError {
  const reason = (cause as NodeJS.ErrnoException).code
  if (reason !== 'ENOENT' && reason !== 'ENOTDIR') return unreadable(named, cause)
  if (named.at === undefined) return noBundle('there is no bundle.yaml in this directory; add it', cause)
  return fileError('BUNDLE_FILE_MISSING', named, 'is not in the bundle; add the file or mend its name here', cause)
}

/** The file is there and does not open. */
export function unreadable(named: NamedFile, cause: unknown): BundleError {
  const reason = (cause as Error).message
  return fileError('BUNDLE_FILE_UNREADABLE', named, `cannot be read (${reason}); mend the file`, cause)
}

/** Told where the file is named. */
function fileError(code: BundleErrorCode, { file, at }: NamedFile, message: string, cause?: unknown): BundleError {
  const place = { file: 'bundle.yaml', line: at?.line, column: at?.column }
  return new BundleError([{ code, ...place, message: `${file} ${message}` }], { cause })
}

/** All bytes of a file of the bundle. Throws BundleError. */
export async function readBytes(bundle: string, named: NamedFile, most: number): Promise<Uint8Array> {
  const path = await findFile(bundle, named, most)
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(named, cause)
  })
}

/** Without a byte order mark. Throws BundleError with the first line that is not UTF-8. */
export function decodeText(file: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes)
  const line = firstLineNotUtf8(bytes)
  const message = 'this line is not UTF-8 text; save the file as UTF-8'
  throw new BundleError([{ code: 'BUNDLE_ENCODING', file, line, column: undefined, message }])
}

function firstLineNotUtf8(bytes: Uint8Array): number {
  const newline = 10
  let line = 1
  for (let start = 0, end = 0; end >= 0; start = end + 1, line++) {
    end = bytes.indexOf(newline, start)
    if (!isUtf8(bytes.subarray(start, end < 0 ? undefined : end))) break
  }
  return line
}
