import { access } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { findArtefact, type StoredArtefact } from './artefact-files.ts'

/** Artefacts in memory, in front of their files. */
export interface ArtefactCache {
  /**
   * Like `findArtefact`; one that is in memory, its file still there, is not read again, and one that cannot be read, for it
   * is still being copied, is as good as missing.
   */
  find(bundleDirectory: string, key: string): Promise<StoredArtefact | undefined>
  /**
   * Waits until the artefact is there, whoever fits it or puts it there. `fit` is begun when it is missing, once for many
   * waiters, and never again; its signal is aborted when it is no longer needed.
   */
  whenThere(bundleDirectory: string, key: string, fit: BeginFit): Promise<StoredArtefact>
}

/** Settles when the fit has ended, well or not; never rejects. */
export type BeginFit = (signal: AbortSignal) => Promise<void>

interface Wanted {
  readonly bundleDirectory: string
  readonly key: string
  readonly fit: BeginFit
}

const lookAgainMs = 1000
/** What a fit that has written its artefact may take to tidy up. */
const tidyMs = 2000

/** Where `find` has found an artefact. */
export type FoundIn = 'memory' | 'file' | 'nowhere'

/** `signal` ends all waiting; `onUnreadable` is told why an artefact that `find` has found is not used, `onFound` of each `find`. */
export function openArtefactCache(
  maxBytes: number,
  signal: AbortSignal,
  onUnreadable: (error: Error) => void,
  onFound: (where: FoundIn) => void = () => undefined,
): ArtefactCache {
  const cache = new LRUCache<string, StoredArtefact, Wanted>({
    maxSize: maxBytes,
    sizeCalculation: ({ byteCount }) => byteCount,
    fetchMethod: (_id, _stale, { context }) => untilThere(context, signal),
  })
  const idOf = (bundleDirectory: string, key: string): string => JSON.stringify([bundleDirectory, key])
  return {
    async find(bundleDirectory, key) {
      const known = cache.get(idOf(bundleDirectory, key))
      const isKnown = known !== undefined && (await exists(known.file))
      const found = isKnown ? known : await findWhole(bundleDirectory, key, onUnreadable)
      onFound(isKnown ? 'memory' : found === undefined ? 'nowhere' : 'file')
      return found
    },
    whenThere: async (bundleDirectory, key, fit) =>
      (await cache.fetch(idOf(bundleDirectory, key), { context: { bundleDirectory, key, fit } }))!,
  }
}

async function untilThere({ bundleDirectory, key, fit }: Wanted, signal: AbortSignal): Promise<StoredArtefact> {
  const found = await findWhole(bundleDirectory, key)
  if (found !== undefined) return found
  const needed = new AbortController()
  const fitting = fit(AbortSignal.any([signal, needed.signal]))
  try {
    for (;;) {
      await pause(lookAgainMs, undefined, { signal })
      const stored = await findWhole(bundleDirectory, key)
      if (stored === undefined) continue
      await Promise.race([fitting, pause(tidyMs, undefined, { signal, ref: false })])
      return stored
    }
  } finally {
    needed.abort()
  }
}

/** A file that is being copied is not whole yet. */
function findWhole(
  bundleDirectory: string,
  key: string,
  onUnreadable: (error: Error) => void = () => undefined,
): Promise<StoredArtefact | undefined> {
  return findArtefact(bundleDirectory, key).catch((error: Error) => void onUnreadable(error))
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
