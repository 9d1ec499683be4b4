import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { hasDockerEngine } from './docker-rung.ts'
import { composeFile } from './images.ts'
import { registryApi } from './local-jvm.ts'
import { PlatformError } from './platform-error.ts'

const run = promisify(execFile)

/** Where the shipped compose file publishes its services. */
export const composeBroker = '127.0.0.1:9092'
export const composeRegistryUrl: string = `http://127.0.0.1:8081${registryApi}`

/** Why `docker compose` cannot be used here; undefined when it can. */
export async function whyNoCompose(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!(await hasDockerEngine(env))) return 'no Docker engine found'
  try {
    await run('docker', ['compose', 'version'], { env, timeout: 5_000 })
    return undefined
  } catch {
    return 'Docker without its compose plugin'
  }
}

/** Returns when the services are healthy; services that run already are left as they are. */
export async function composeUp(services: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await compose(['up', '--detach', '--wait', ...services], env)
}

/** Stops the containers and keeps them: data and schema ids are there at the next `composeUp`. */
export async function composeStop(env: NodeJS.ProcessEnv): Promise<void> {
  await compose(['stop'], env)
}

async function compose(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run('docker', ['compose', '-f', composeFile, ...args], { env, maxBuffer: 1 << 26 })
  } catch (error) {
    const lines = ((error as { stderr?: string }).stderr ?? '').trimEnd().split('\n').slice(-5)
    throw new PlatformError('DOCKER_FAILED', `docker compose ${args[0]} failed:\n${lines.join('\n')}`, { cause: error })
  }
}
