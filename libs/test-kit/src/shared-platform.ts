import { PlatformError, startPlatform } from '@raison/local-platform'
import type { Platform } from '@raison/local-platform'
import type { TestProject } from 'vitest/node'
import './provided-context.ts'

/** Vitest global setup: one broker and one registry for all tests of a run. Returns the teardown. */
export default async function startSharedPlatform(project: TestProject): Promise<() => Promise<void>> {
  const platform = await startOrTell(project)
  if (platform === undefined) return async () => {}
  project.provide('kafkaBrokers', platform.brokers.join(','))
  project.provide('schemaRegistryUrl', platform.registryUrl)
  project.provide('platformFailure', undefined)
  return () => platform.stop()
}

/** Without a platform the tests that need none still run. */
async function startOrTell(project: TestProject): Promise<Platform | undefined> {
  try {
    return await startPlatform({ say: (line) => process.stderr.write(`${line}\n`), env: process.env })
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    project.provide('platformFailure', `${error.code}: ${error.message}`)
    return undefined
  }
}
