import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelVersion } from '@raison/events'
import { openBundle, type OpenedBundle } from '@raison/explaining'
import type { Logger } from 'pino'
import { ConfigError } from './config.ts'

/** The bundles in service. New directories are opened as they appear; what cannot be opened leaves the others in service. */
export interface BundleShelf {
  find(model: ModelVersion): OpenedBundle | undefined
  readonly models: () => readonly ModelVersion[]
  /** Looks at the directory once more. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** What a directory looked like when it was opened, so that it is opened again only when it has changed. */
type Seen = Map<string, string>

export async function openShelf(directory: string, log: Logger): Promise<BundleShelf> {
  const opened = new Map<string, OpenedBundle>()
  const seen: Seen = new Map()
  const keyOf = ({ name, version }: ModelVersion): string => JSON.stringify([name, version])

  const look = async (starting: boolean): Promise<void> => {
    for (const path of await changedBundles(directory, seen, starting)) {
      const bundle = await openLogged(path, log)
      if (bundle === undefined) continue
      const present = opened.get(keyOf(bundle.bundle.model))
      if (starting && present !== undefined) refuseTwins(present, bundle)
      await shelve(bundle, opened, keyOf(bundle.bundle.model), log)
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

/** At the start nobody can say which of two came first, and another instance might choose the other. */
function refuseTwins({ bundle: one }: OpenedBundle, { bundle: other }: OpenedBundle): void {
  if (one.sha256 === other.sha256) return
  const { name, version } = one.model
  throw new ConfigError(
    `bundles: ${one.directory} and ${other.directory} are both ${name} ${version}, with other bytes: remove one, or give it a new version`,
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

/** A copy that pauses for longer than this is taken for finished. */
const restMs = 10_000

/**
 * Bundle directories whose files are new or other than when last opened. While the service runs, one is given only when
 * nothing in it has changed for a while: it may be a copy under way. At the start what is there is taken to be whole.
 */
async function changedBundles(directory: string, seen: Seen, starting: boolean): Promise<string[]> {
  const changed: string[] = []
  const entries = await readdir(directory, { withFileTypes: true })
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, name)
    const print = name.startsWith('.') ? undefined : await fingerprint(path)
    if (print === undefined || seen.get(path) === print.text) continue
    if (!starting && Date.now() - print.changedAt < restMs) continue
    seen.set(path, print.text)
    changed.push(path)
  }
  return changed
}

/** Undefined for what is no bundle directory (yet). */
async function fingerprint(path: string): Promise<{ readonly text: string; readonly changedAt: number } | undefined> {
  try {
    await stat(join(path, 'bundle.yaml'))
    const files = (await readdir(path)).sort()
    const stats = await Promise.all(files.map((file) => stat(join(path, file))))
    const text = files.map((file, i) => `${file} ${stats[i]!.size} ${stats[i]!.mtimeMs}`).join('\n')
    return { text, changedAt: Math.max(...stats.map(({ ctimeMs }) => ctimeMs)) }
  } catch {
    return undefined
  }
}
