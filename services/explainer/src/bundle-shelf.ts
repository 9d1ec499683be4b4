import { openArtefactCache, type ArtefactCache, type FoundIn } from '@raison/artefact-store'
import type { ModelVersion } from '@raison/events'
import { openBundle, type OpenedBundle } from '@raison/explaining'
import type { Logger } from 'pino'
import { changedBundles, forgetGone, type Seen } from './changed-bundles.ts'
import { ConfigError, describeError } from '@raison/service-kit'
import type { FitDirectory } from './fit-bundles.ts'
import { isOfSystem } from './is-of-system.ts'
import type { TellBundleNews } from './problems.ts'

/** The bundles in service. New directories are opened as they appear; what cannot be opened leaves the others in service. */
export interface BundleShelf {
  find(model: ModelVersion): OpenedBundle | undefined
  /** No bundle that `work` has found is closed before it ends, even when another has taken its place. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Looks at the directory once more. */
  refresh(): Promise<void>
  close(): Promise<void>
}

interface Shelf {
  readonly directory: string
  readonly log: Logger
  readonly fit: FitDirectory
  readonly tell: TellBundleNews
  readonly artefacts: ArtefactCache
  /** By name and version. */
  readonly opened: Map<string, OpenedBundle>
  readonly seen: Seen
  readonly working: Set<Promise<unknown>>
  readonly closing: AbortController
}

const artefactBytes = 256_000_000

/** A bundle whose artefact is missing is in service at once, sampled alone, while `fit` makes the artefact. */
export async function openShelf(
  directory: string,
  log: Logger,
  fit: FitDirectory,
  tell: TellBundleNews,
  onArtefact?: (where: FoundIn) => void,
): Promise<BundleShelf> {
  const closing = new AbortController()
  const onUnreadable = ({ message }: Error): void => log.error({ reason: message }, 'artefact not used')
  const artefacts = openArtefactCache(artefactBytes, closing.signal, onUnreadable, onArtefact)
  const collections = { opened: new Map(), seen: new Map(), working: new Set<Promise<unknown>>() }
  const shelf: Shelf = { directory, log, fit, tell, artefacts, closing, ...collections }
  await look(shelf, true)
  return {
    find: (model) => shelf.opened.get(keyOfModel(model)),
    during: (work) => during(shelf, work),
    refresh: () => look(shelf, false),
    close: () => closeAll(shelf),
  }
}

async function look(shelf: Shelf, starting: boolean): Promise<void> {
  const { directory, seen, tell } = shelf
  for (const path of await forgetGone(seen)) tell({ directory: path, code: 'BUNDLE_REFUSED', message: undefined })
  for (const { path, print } of await changedBundles(directory, seen, starting)) {
    const bundle = await openLogged(path, shelf)
    if (!(bundle instanceof Error)) await receive(path, bundle, shelf, starting)
    seen.set(path, { print, again: isOfSystem(bundle) ? Date.now() + tryAgainMs : Infinity })
  }
}

const tryAgainMs = 10_000

async function receive(path: string, bundle: OpenedBundle, shelf: Shelf, starting: boolean): Promise<void> {
  if (starting) refuseTwin(bundle, shelf)
  if (await shelve(path, bundle, shelf)) void swapWhenFitted(path, bundle, shelf)
}

async function during<T>({ working }: Shelf, work: () => Promise<T>): Promise<T> {
  const running = work()
  working.add(running)
  try {
    return await running
  } finally {
    working.delete(running)
  }
}

async function closeAll({ closing, opened }: Shelf): Promise<void> {
  closing.abort()
  await Promise.all([...opened.values()].map((bundle) => bundle.close()))
}

/** The error, logged and told, of what cannot be opened. */
async function openLogged(path: string, { artefacts, log, tell }: Shelf): Promise<OpenedBundle | Error> {
  try {
    const bundle = await openBundle(path, { artefacts })
    tell({ directory: path, code: 'BUNDLE_REFUSED', message: undefined })
    return bundle
  } catch (error) {
    const { message, ...told } = describeError(error)
    log.error({ ...told, directory: path }, `bundle refused: ${message}`)
    const kind = told.code ?? (error as Error).name
    tell({ directory: path, code: 'BUNDLE_REFUSED', message: `${kind}: the log has the reason` })
    return error as Error
  }
}

/** At the start nobody can say which of two came first, and another instance might choose the other. */
function refuseTwin(bundle: OpenedBundle, { opened }: Shelf): void {
  const one = opened.get(keyOf(bundle))?.bundle
  const other = bundle.bundle
  if (one === undefined || one.sha256 === other.sha256) return
  const { name, version } = one.model
  throw new ConfigError(
    `bundles: ${one.directory} and ${other.directory} are both ${name} ${version}, with other bytes: remove one, or give it a new version`,
  )
}

/**
 * True when it is in service now. A version is a promise: the same version with other bytes is refused, for its decisions
 * could not be told apart.
 */
async function shelve(path: string, bundle: OpenedBundle, shelf: Shelf): Promise<boolean> {
  const present = shelf.opened.get(keyOf(bundle))
  if (present === undefined) {
    putInService(bundle, shelf)
    return true
  }
  await bundle.close()
  if (present.bundle.sha256 === bundle.bundle.sha256) return false
  const { name, version } = bundle.bundle.model
  shelf.log.error({ code: 'BUNDLE_VERSION_REUSED', model: name, version, directory: path }, reused)
  shelf.tell({ directory: path, code: 'BUNDLE_REFUSED', message: `BUNDLE_VERSION_REUSED: ${reused}` })
  return false
}

const reused = 'a bundle with other bytes under a version in service is refused: give it a new version'

/** The bundle is opened again when its artefact is there, and takes its own place whole. */
async function swapWhenFitted(path: string, degraded: OpenedBundle, shelf: Shelf): Promise<void> {
  const { missingArtefact } = degraded
  if (missingArtefact === undefined) return
  const { artefacts, fit, closing, working, log } = shelf
  const { directory } = degraded.bundle
  try {
    await artefacts.whenThere(directory, missingArtefact, (signal) => fit(directory, signal))
    const fitted = await openLogged(path, shelf)
    if (fitted instanceof Error) return
    if (closing.signal.aborted || !isSameFitted(degraded, fitted)) return await fitted.close()
    putInService(fitted, shelf)
    shelf.tell({ directory, code: 'FIT_FAILED', message: undefined })
    await Promise.allSettled(working)
    await degraded.close()
  } catch (error) {
    if (!closing.signal.aborted)
      log.error({ directory, reason: describeError(error).message }, 'no artefact in service')
  }
}

/** The directory may hold another bundle by now, or its artefact may be gone again. */
function isSameFitted(degraded: OpenedBundle, fitted: OpenedBundle): boolean {
  return fitted.missingArtefact === undefined && fitted.bundle.sha256 === degraded.bundle.sha256
}

function putInService(bundle: OpenedBundle, { opened, log }: Shelf): void {
  opened.set(keyOf(bundle), bundle)
  const { name, version } = bundle.bundle.model
  const { exact, sampled, warnings } = bundle
  const route = (exact ?? sampled)?.method ?? 'none'
  log.info({ model: name, version, route, artefact: sampled?.artefactSha256 }, 'bundle in service')
  warnings.forEach((warning) => log.warn({ model: name, version }, warning))
}

const keyOf = ({ bundle: { model } }: OpenedBundle): string => keyOfModel(model)
const keyOfModel = ({ name, version }: ModelVersion): string => JSON.stringify([name, version])
