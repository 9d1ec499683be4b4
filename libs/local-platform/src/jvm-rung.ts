import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { spawnWatched, waitUntilReady } from './java-server.ts'
import type { JavaServer } from './java-server.ts'
import { kafkaServer, localJvm, prepareJvm, registryApi, registryServer } from './local-jvm.ts'
import type { ServerPlace } from './local-jvm.ts'
import type { Say } from './progress.ts'
import type { Rung, RunningServer } from './rung.ts'

/**
 * Programs on this machine's Java, each in a temporary directory of its own; they die with this process. `why` tells
 * the user why not Docker.
 */
export async function openJvmRung(say: Say, env: NodeJS.ProcessEnv, why: string): Promise<Rung> {
  const jvm = await prepareJvm(say, env)
  return {
    where: localJvm(jvm, why),
    async startKafka() {
      const place = await temporaryPlace()
      return start(await kafkaServer(jvm, place), `127.0.0.1:${place.port}`)
    },
    async startRegistry() {
      const place = await temporaryPlace()
      return start(await registryServer(jvm, place), `http://127.0.0.1:${place.port}${registryApi}`)
    },
  }
}

const temporaryPlace = async (): Promise<ServerPlace> => ({
  directory: await mkdtemp(join(tmpdir(), 'raison-platform-')),
  port: await freePort(),
})

async function start(server: JavaServer, address: string): Promise<RunningServer> {
  const child = spawnWatched(server)
  const closed = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.stdin!.end()
    await closed
    await rm(server.directory, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    await waitUntilReady(server, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { address, stop }
}
