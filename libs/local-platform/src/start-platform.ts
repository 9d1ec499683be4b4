import { dockerRung, hasDockerEngine } from './docker-rung.ts'
import { describe, readGiven, useGiven } from './given.ts'
import type { Given, PlatformAddresses } from './given.ts'
import { openJvmRung } from './jvm-rung.ts'
import { withProgress } from './progress.ts'
import type { Say } from './progress.ts'
import type { Rung, RunningServer } from './rung.ts'

/** A broker and a registry for as long as this process lives. */
export interface Platform extends PlatformAddresses {
  /** Stops what was started here and removes its data; what was given is left alone. */
  stop(): Promise<void>
}

export interface PlatformOptions {
  /** Receives where broker and registry come from, progress and notes, line by line. */
  readonly say: Say
  readonly env: NodeJS.ProcessEnv
}

/** The first rung that holds: given by the environment, Docker, a local JVM. Throws PlatformError. */
export async function startPlatform({ say, env }: PlatformOptions): Promise<Platform> {
  const given = await readGiven(env)
  if (given.brokers !== undefined && given.registryUrl !== undefined)
    return { ...useGiven(given.brokers, given.registryUrl, say), stop: async () => {} }

  let whyJvm = 'no Docker engine found'
  if (await hasDockerEngine(env)) {
    try {
      return await startMissing(given, dockerRung, say)
    } catch (error) {
      say((error as Error).message)
      whyJvm = 'Docker failed'
    }
  }
  return startMissing(given, await openJvmRung(say, env, whyJvm), say)
}

/** Starts what is not given, side by side; when one fails, none is left running. */
async function startMissing(given: Given, rung: Rung, say: Say): Promise<Platform> {
  const how = describe(given, rung.where)
  const starting = Promise.allSettled([
    given.brokers === undefined ? rung.startKafka() : undefined,
    given.registryUrl === undefined ? rung.startRegistry() : undefined,
  ])
  const results = await withProgress(say, `starting ${how}`, starting)
  const servers = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []))
  const stop = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.stop())))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  const [kafka, registry] = results as PromiseFulfilledResult<RunningServer>[]
  return {
    brokers: given.brokers ?? [kafka!.value.address],
    registryUrl: given.registryUrl ?? registry!.value.address,
    how,
    stop,
  }
}
