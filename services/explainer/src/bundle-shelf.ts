import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openArtefactCache, type ArtefactCache } from '@raison/artefact-store'
import type { ModelVersion } from '@raison/events'
import { openBundle, type OpenedBundle, type OpenOptions } from '@raison/explaining'
import type { Logger } from 'pino'
import { ConfigError } from './config.ts'
import type { FitDirectory } from './fit-bundles.ts'

/** The bundles in service. New directories are opened as they appear; what cannot be opened leaves the others in service. */
export interface BundleShelf {
  find(model: ModelVersion): OpenedBundle | undefined
  readonly models: () => readonly ModelVersion[]
  /** No bundle that `work` has found is closed before it ends, even when another has taken its place. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Looks at the directory once more. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** An artefact that is still being copied is as good as missing: its bundle is served without it until it is whole. */
function patient(cache: ArtefactCache, log: Logger): ArtefactCache {
  return {
    ...cache,
    find: (path, key) =>
      cache.find(path, key).catch((error: Error) => {
        log.error({ directory: path, reason: error.message }, 'artefact not used')
        return undefined
      }),
  }
}

/** What a directory looked like when it was opened, so that it is opened again only when it has changed. */
type Seen = Map<string, string>

const artefactBytes = 256_000_000

/** A bundle whose artefact is missing is in service at once, sampled alone, while `fit` makes the artefact. */
export async function openShelf(directory: string, log: Logger, fit: FitDirectory): Promise<BundleShelf> {
  const opened = new Map<string, OpenedBundle>()
  const seen: Seen = new Map()
  const working = new Set<Promise<unknown>>()
  const closing = new AbortController()
  const artefacts = patient(openArtefactCache(artefactBytes, closing.signal), log)

  const look = async (starting: boolean): Promise<void> => {
    for (const path of await changedBundles(directory, seen, starting)) {
      const bundle = await openLogged(path, artefacts, log)
      if (bundle === undefined) continue
      const present = opened.get(keyOf(bundle))
      if (starting && present !== undefined) refuseTwins(present, bundle)
      if (await shelve(bundle, opened, log)) void swapWhenFitted(bundle)
    }
  }
  /** The bundle is opened again when its artefact is there, and takes its own place whole. */
  const swapWhenFitted = async (degraded: OpenedBundle): Promise<void> => {
    const { missingArtefact } = degraded
    if (missingArtefact === undefined) return
    const path = degraded.bundle.directory
    try {
      await artefacts.whenThere(path, missingArtefact, (signal) => fit(path, signal))
      const fitted = await openLogged(path, artefacts, log)
      if (fitted === undefined) return
      if (closing.signal.aborted || !isSameFitted(degraded, fitted)) return await fitted.close()
      opened.set(keyOf(fitted), fitted)
      logInService(fitted, log)
      await Promise.allSettled(working)
      await degraded.close()
    } catch (error) {
      if (!closing.signal.aborted)
        log.error({ directory: path, reason: (error as Error).message }, 'no artefact in service')
    }
  }
  await look(true)
  return {
    find: (model) => opened.get(keyOfModel(model)),
    models: () => [...opened.values()].map(({ bundle: { model } }) => ({ name: model.name, version: model.version })),
    async during(work) {
      const running = work()
      working.add(running)
      try {
        return await running
      } finally {
        working.delete(running)
      }
    },
    refresh: () => look(false),
    async close() {
      closing.abort()
      await Promise.all([...opened.values()].map((bundle) => bundle.close()))
    },
  }
}

const keyOf = ({ bundle: { model } }: OpenedBundle): string => keyOfModel(model)
const keyOfModel = ({ name, version }: ModelVersion): string => JSON.stringify([name, version])

/** The directory may hold another bundle by now, or its artefact may be gone again. */
function isSameFitted(degraded: OpenedBundle, fitted: OpenedBundle): boolean {
  return fitted.missingArtefact === undefined && fitted.bundle.sha256 === degraded.bundle.sha256
}

function logInService({ bundle: { model }, exact, sampled, warnings }: OpenedBundle, log: Logger): void {
  const { name, version } = model
  const route = (exact ?? sampled)?.method ?? 'none'
  log.info({ model: name, version, route, artefact: sampled?.artefactSha256 }, 'bundle in service')
  warnings.forEach((warning) => log.warn({ model: name, version }, warning))
}

/**
 * True when it is in service now. A version is a promise: the same version with other bytes is refused, for its decisions
 * could not be told apart.
 */
async function shelve(bundle: OpenedBundle, opened: Map<string, OpenedBundle>, log: Logger): Promise<boolean> {
  const present = opened.get(keyOf(bundle))
  if (present === undefined) {
    opened.set(keyOf(bundle), bundle)
    logInService(bundle, log)
    return true
  }
  await bundle.close()
  if (present.bundle.sha256 === bundle.bundle.sha256) return false
  const { name, version } = bundle.bundle.model
  log.error(
    { code: 'BUNDLE_VERSION_REUSED', model: name, version, directory: bundle.bundle.directory },
    'a bundle with other bytes under a version in service is refused: give it a new version',
  )
  return false
}

/** At the start nobody can say which of two came first, and another instance might choose the other. */
function refuseTwins({ bundle: one }: OpenedBundle, { bundle: other }: OpenedBundle): void {
  if (one.sha256 === other.sha256) return
  const { name, version } = one.model
  throw new ConfigError(
    `bundles: ${one.directory} and ${other.directory} are both ${name} ${version}, with other bytes: remove one, or give it a new version`,
  )
}

async function openLogged(
  path: string,
  artefacts: NonNullable<OpenOptions['artefacts']>,
  log: Logger,
): Promise<OpenedBundle | undefined> {
  try {
    return await openBundle(path, { artefacts })
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

/** Undefined for what is no bundle directory (yet). What a fit writes beside the bundle is no change of it. */
async function fingerprint(path: string): Promise<{ readonly text: string; readonly changedAt: number } | undefined> {
  try {
    await stat(join(path, 'bundle.yaml'))
    const files = (await readdir(path)).filter((name) => name !== 'artefacts' && !name.startsWith('.')).sort()
    const stats = await Promise.all(files.map((file) => stat(join(path, file))))
    const text = files.map((file, i) => `${file} ${stats[i]!.size} ${stats[i]!.mtimeMs}`).join('\n')
    return { text, changedAt: Math.max(...stats.map(({ ctimeMs }) => ctimeMs)) }
  } catch {
    return undefined
  }
}
