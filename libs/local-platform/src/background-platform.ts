import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { anyConnects, hostAndPort } from './addresses.ts'
import { stateDirectory } from './cache.ts'
import { composeBroker, composeRegistryUrl, composeStop, composeUp, whyNoCompose } from './compose.ts'
import { freePort } from './free-port.ts'
import { describe, findOutdated, readGiven, useGiven } from './given.ts'
import type { Given, PlatformAddresses } from './given.ts'
import { readyWithinMs, spawnDetached, waitUntilReady } from './java-server.ts'
import type { JavaServer } from './java-server.ts'
import { kafkaServer, localJvm, prepareJvm, registryApi, registryServer } from './local-jvm.ts'
import { withLock } from './lock.ts'
import { endProcess, isAlive } from './own-process.ts'
import type { OwnProcess } from './own-process.ts'
import { readState, removeState, writeState } from './platform-state.ts'
import type { PlatformState } from './platform-state.ts'
import { withProgress } from './progress.ts'
import type { Say } from './progress.ts'
import type { PlatformOptions } from './start-platform.ts'

/** A broker and a registry that stay when this process ends, until `downPlatform`. What is up already is kept. */
export const upPlatform = (options: PlatformOptions): Promise<PlatformAddresses> => alone(options, up)

/** Stops what `upPlatform` left running and keeps its data for the next time. Answers the variables that still name it. */
export const downPlatform = (options: PlatformOptions): Promise<readonly string[]> => alone(options, down)

/** Two that start at the same instant would start two brokers on one directory: the later waits and finds what is up. */
function alone<T>(options: PlatformOptions, action: (options: PlatformOptions) => Promise<T>): Promise<T> {
  const onWait = ({ pid }: OwnProcess): void =>
    options.say(`waiting for another \`raison up\` or \`raison down\` (process ${pid}) …`)
  return withLock(join(stateDirectory(options.env), 'lock'), onWait, () => action(options))
}

async function up({ say, env }: PlatformOptions): Promise<PlatformAddresses> {
  const running = await findRunning(env)
  if (running !== undefined) {
    say(`already up: ${running.how}`)
    return running
  }
  const given = await readGiven(env)
  if (given.brokers !== undefined && given.registryUrl !== undefined)
    return useGiven(given.brokers, given.registryUrl, say)

  let whyJvm = await whyNoCompose(env)
  if (whyJvm === undefined) {
    try {
      return await upContainers(given, say, env)
    } catch (error) {
      say((error as Error).message)
      whyJvm = 'Docker failed'
    }
  }
  return upJvm(given, say, env, whyJvm)
}

async function down({ say, env }: PlatformOptions): Promise<readonly string[]> {
  const state = await readState(env)
  if (state === undefined) {
    say('nothing is up')
    return []
  }
  await withProgress(say, `stopping ${state.how}`, stop(state, env))
  return findOutdated(state, env)
}

/** The servers of an earlier `up` (which may have been killed while they started); what is left of servers that died is stopped. */
async function findRunning(env: NodeJS.ProcessEnv): Promise<PlatformAddresses | undefined> {
  const state = await readState(env)
  if (state === undefined || state.processes.length === 0) return undefined
  const deadline = performance.now() + readyWithinMs
  while (performance.now() < deadline && (await Promise.all(state.processes.map(isAlive))).every((alive) => alive)) {
    const { brokers, registryUrl, how } = state
    if ((await anyConnects(brokers)) && (await anyConnects([hostAndPort(registryUrl)])))
      return { brokers, registryUrl, how }
    await sleep(100)
  }
  await stop(state, env)
  return undefined
}

async function stop(state: PlatformState, env: NodeJS.ProcessEnv): Promise<void> {
  if (state.processes.length === 0) await composeStop(env)
  await Promise.all(state.processes.map(endProcess))
  await removeState(env)
}

async function upContainers(given: Given, say: Say, env: NodeJS.ProcessEnv): Promise<PlatformAddresses> {
  const how = describe(given, 'Docker')
  const services = [given.brokers ? [] : ['kafka'], given.registryUrl ? [] : ['registry']].flat()
  await withProgress(say, `starting ${how}`, composeUp(services, env))
  const addresses = {
    brokers: given.brokers ?? [composeBroker],
    registryUrl: given.registryUrl ?? composeRegistryUrl,
    how,
  }
  await writeState({ ...addresses, processes: [] }, env)
  return addresses
}

async function upJvm(given: Given, say: Say, env: NodeJS.ProcessEnv, why: string): Promise<PlatformAddresses> {
  const jvm = await prepareJvm(say, env)
  const mark = `-Draison.platform=${randomUUID()}`
  // The ports of docker-compose.yml where they are free.
  const place = async (name: string, preferredPort: number) => ({
    directory: join(stateDirectory(env), name),
    port: await freePort(preferredPort),
    jvmArgs: [mark],
  })
  const kafkaPlace = await place('kafka', 9092)
  const registryPlace = await place('registry', 8081)
  const servers: JavaServer[] = []
  if (given.brokers === undefined) servers.push(await kafkaServer(jvm, kafkaPlace))
  if (given.registryUrl === undefined) servers.push(await registryServer(jvm, registryPlace))

  const state = {
    brokers: given.brokers ?? [`127.0.0.1:${kafkaPlace.port}`],
    registryUrl: given.registryUrl ?? `http://127.0.0.1:${registryPlace.port}${registryApi}`,
    how: describe(given, localJvm(jvm, why)),
  }
  return launch(servers, mark, state, say, env)
}

/** The state is written before the servers are ready, so that `down` finds them whatever happens to this process. */
async function launch(
  servers: readonly JavaServer[],
  mark: string,
  addresses: PlatformAddresses,
  say: Say,
  env: NodeJS.ProcessEnv,
): Promise<PlatformAddresses> {
  const started = servers.map((server) => ({ server, child: spawnDetached(server) }))
  const state = { ...addresses, processes: started.map(({ child }) => ({ pid: child.pid!, mark })) }
  await writeState(state, env)
  const ready = started.map(({ server, child }) => waitUntilReady(server, child))
  try {
    await withProgress(say, `starting ${addresses.how}`, Promise.all(ready))
  } catch (error) {
    await stop(state, env)
    throw error
  }
  return addresses
}
