import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { StartedTestContainer } from 'testcontainers'
import { freePort } from './free-port.ts'
import { readImages } from './images.ts'
import { kafkaSettings, toContainerEnvironment } from './kafka-settings.ts'
import { registryApi } from './local-jvm.ts'
import { PlatformError } from './platform-error.ts'
import type { Rung, RunningServer } from './rung.ts'

const run = promisify(execFile)

/** True when an engine answers within two seconds; silent otherwise. */
export async function hasDockerEngine(env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 2_000 })
    return true
  } catch {
    return false
  }
}

/** Containers that testcontainers removes with this process. Its failures come as DOCKER_FAILED. */
export const dockerRung: Rung = {
  where: 'Docker',
  startKafka: () => namingFailure(startKafka),
  startRegistry: () => namingFailure(startRegistry),
}

async function namingFailure(start: () => Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await start()
  } catch (error) {
    throw new PlatformError('DOCKER_FAILED', `Docker could not start a container: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function startKafka(): Promise<RunningServer> {
  const { GenericContainer, Wait } = await import('testcontainers')
  // The broker must know the address it is reached at before it starts, so the host's port is chosen here.
  const port = await freePort()
  const container = await new GenericContainer(readImages().kafka)
    .withEnvironment(toContainerEnvironment(containerSettings(`127.0.0.1:${port}`)))
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .withStartupTimeout(120_000)
    .start()
  return { address: `127.0.0.1:${port}`, stop: () => stopContainer(container) }
}

/** Broker settings inside a container whose port 9092 is published as `advertised`. */
export const containerSettings = (advertised: string): Record<string, string> => ({
  ...kafkaSettings,
  listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  'advertised.listeners': `PLAINTEXT://${advertised}`,
  'controller.quorum.voters': '1@localhost:9093',
})

async function startRegistry(): Promise<RunningServer> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = await new GenericContainer(readImages().registry)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp(`${registryApi}/subjects`, 8080))
    .withStartupTimeout(120_000)
    .start()
  const address = `http://${container.getHost()}:${container.getMappedPort(8080)}${registryApi}`
  return { address, stop: () => stopContainer(container) }
}

async function stopContainer(container: StartedTestContainer): Promise<void> {
  await container.stop()
}
