import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What a directory looked like when it was opened, so that it is opened again only when it has changed; or from `again` on,
 * milliseconds since 1970, though it has not.
 */
export type Seen = Map<string, { readonly print: string; readonly again: number }>

/** A copy that pauses for longer than this is taken for finished. */
const restMs = 10_000

export interface ChangedBundle {
  readonly path: string
  /** For `seen`, once it was tried to open it. */
  readonly print: string
}

/**
 * Bundle directories whose files are new or other than when last opened. While the service runs, one is given only when
 * nothing in it has changed for a while: it may be a copy under way. At the start what is there is taken to be whole.
 */
export async function changedBundles(directory: string, seen: Seen, starting: boolean): Promise<ChangedBundle[]> {
  const changed: ChangedBundle[] = []
  const entries = await readdir(directory, { withFileTypes: true })
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, name)
    const print = name.startsWith('.') ? undefined : await fingerprint(path)
    if (print === undefined || isKnown(seen, path, print.text)) continue
    if (!starting && Date.now() - print.changedAt < restMs) continue
    changed.push({ path, print: print.text })
  }
  return changed
}

/** Takes those out of `seen` that are no bundle directories any more, and gives their paths. */
export async function forgetGone(seen: Seen): Promise<string[]> {
  const gone: string[] = []
  for (const path of seen.keys()) if (await isGone(path)) gone.push(path)
  gone.forEach((path) => seen.delete(path))
  return gone
}

function isKnown(seen: Seen, path: string, print: string): boolean {
  const last = seen.get(path)
  return last?.print === print && Date.now() < last.again
}

/** What cannot be looked at just now is not gone. */
async function isGone(path: string): Promise<boolean> {
  return stat(join(path, 'bundle.yaml')).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT' || code === 'ENOTDIR',
  )
}

/** Undefined for what is no bundle directory (yet). What a fit writes beside the bundle is no change of it. */
async function fingerprint(path: string): Promise<{ readonly text: string; readonly changedAt: number } | undefined> {
  try {
    await stat(join(path, 'bundle.yaml'))
    const files = (await readdir(path)).filter((name) => name !== 'artefacts' && !name.startsWith('.')).sort()
    const stats = await Promise.all(files.map((file) => stat(join(path, file))))
    const text = files.map((file, i) => `${file} ${printOf(stats[i]!)}`).join('\n')
    return { text, changedAt: Math.max(...stats.map(({ ctimeMs }) => ctimeMs)) }
  } catch {
    return undefined
  }
}

/** A right that is given, or an owner, changes ctime alone; some file systems keep no ctime. */
function printOf({ size, mtimeMs, ctimeMs }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs}`
}
