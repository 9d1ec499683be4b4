import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelVersion } from '@raison/events'
import { openBundle, type OpenedBundle } from '@raison/explaining'
import type { Logger } from 'pino'

/** The bundles in service. New directories are opened as they appear; what cannot be opened leaves the others in service. */
export interface BundleShelf {
  find(model: ModelVersion): OpenedBundle | undefined
  readonly models: () => readonly ModelVersion[]
  /** Looks at the directory once more. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** What was last seen in a directory, so that it is opened again only when it has changed and come to rest. */
type Seen = Map<string, { readonly print: string; readonly settled: boolean }>

export async function openShelf(directory: string, log: Logger): Promise<BundleShelf> {
  const opened = new Map<string, OpenedBundle>()
  const seen: Seen = new Map()
  const keyOf = ({ name, version }: ModelVersion): string => JSON.stringify([name, version])

  const look = async (atRest: boolean): Promise<void> => {
    for (const path of await changedBundles(directory, seen, atRest)) {
      const bundle = await openLogged(path, log)
      if (bundle !== undefined) await shelve(bundle, opened, keyOf(bundle.bundle.model), log)
    }
  }
  await look(true)
  return {
    find: (model) => opened.get(keyOf(model)),
    models: () => [...opened.values()].map(({ bundle: { model } }) => ({ name: model.name, version: model.version })),
    refresh: () => look(false),
    close: async () => void (await Promise.all([...opened.values()].map((bundle) => bundle.close()))),
  }
}

/** A version is a promise: the same version with other bytes is refused, for its decisions could not be told apart. */
async function shelve(
  bundle: OpenedBundle,
  opened: Map<string, OpenedBundle>,
  key: string,
  log: Logger,
): Promise<void> {
  const { name, version } = bundle.bundle.model
  const present = opened.get(key)
  if (present === undefined) {
    opened.set(key, bundle)
    log.info({ model: name, version, exact: bundle.exact?.method ?? 'none' }, 'bundle in service')
    bundle.warnings.forEach((warning) => log.warn({ model: name, version }, warning))
    return
  }
  await bundle.close()
  if (present.bundle.sha256 === bundle.bundle.sha256) return
  log.error(
    { code: 'BUNDLE_VERSION_REUSED', model: name, version, directory: bundle.bundle.directory },
    'a bundle with other bytes under a version in service is refused: give it a new version',
  )
}

async function openLogged(path: string, log: Logger): Promise<OpenedBundle | undefined> {
  try {
    return await openBundle(path)
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    if (code === undefined) throw error
    log.error({ code, directory: path }, `bundle refused: ${message}`)
    return undefined
  }
}

/**
 * Bundle directories whose files are new or other than when last opened. Unless all are known to be `atRest`, one is given
 * only when it looks the same twice: the first look may have met it while it was being copied.
 */
async function changedBundles(directory: string, seen: Seen, atRest: boolean): Promise<string[]> {
  const changed: string[] = []
  for (const entry of (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    const print = entry.name.startsWith('.') ? undefined : await fingerprint(path)
    if (print === undefined) continue
    const last = seen.get(path)
    const settled = atRest || last?.print === print
    if (settled && !(last?.print === print && last.settled)) changed.push(path)
    seen.set(path, { print, settled })
  }
  return changed
}

/** Undefined for what is no bundle directory (yet). */
async function fingerprint(path: string): Promise<string | undefined> {
  try {
    await stat(join(path, 'bundle.yaml'))
    const files = (await readdir(path)).sort()
    const stats = await Promise.all(files.map((file) => stat(join(path, file))))
    return files.map((file, i) => `${file} ${stats[i]!.size} ${stats[i]!.mtimeMs}`).join('\n')
  } catch {
    return undefined
  }
}
