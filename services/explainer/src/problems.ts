import { BroadcastChannel } from 'node:worker_threads'
import type { CommittedBatch, Problem } from '@raison/stream-runtime'

/** What a thread knows of a bundle directory: a problem, or with undefined that this one is over. */
export interface BundleNews {
  readonly directory: string
  readonly code: 'BUNDLE_REFUSED' | 'FIT_FAILED'
  readonly message: string | undefined
}

export type TellBundleNews = (news: BundleNews) => void

const channelName = 'raison-bundle-news'

/** The way out of a thread; it ends with the thread. */
export function openBundleNews(): TellBundleNews {
  const channel = new BroadcastChannel(channelName)
  channel.unref()
  return (news) => channel.postMessage(news)
}

/** The problems of this service beside those of its stream. */
export interface ProblemList {
  hear(news: BundleNews): void
  committed(batch: Pick<CommittedBatch, 'quarantinedByCode'>): void
  /** As they stand at `now`, milliseconds since 1970. */
  at(now: number): Problem[]
}

/** A bundle that is missing shows for so long after the last decision that was set aside for it. */
const unknownModelMs = 900_000

export function createProblemList(now: () => number): ProblemList {
  const ofBundles = new Map<string, Problem>()
  let setAside = 0
  let lastSetAside = -Infinity
  return {
    hear({ directory, code, message }) {
      const key = `${code} ${directory}`
      if (message === undefined) ofBundles.delete(key)
      else ofBundles.set(key, { code, message: `${directory}: ${message}` })
    },
    committed({ quarantinedByCode }) {
      const count = quarantinedByCode.get('MODEL_UNKNOWN')
      if (count === undefined) return
      setAside += count
      lastSetAside = now()
    },
    at(time) {
      const unknown = `${setAside === 1 ? '1 decision' : `${setAside} decisions`} set aside since the start, as no bundle has the model: add it`
      const missing: Problem[] =
        time - lastSetAside <= unknownModelMs ? [{ code: 'MODEL_UNKNOWN', message: unknown }] : []
      return [...ofBundles.values(), ...missing]
    },
  }
}

/** Hears every thread of this process until closed. */
export function hearBundleNews(hear: (news: BundleNews) => void): { close(): void } {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = (message: unknown) => hear((message as { readonly data: BundleNews }).data)
  return channel
}
