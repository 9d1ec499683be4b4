import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  authorizerLog,
  secureCluster,
  type BrokerCertificate,
  type ClusterSecurity,
  type SecuredSettings,
} from './cluster-security.ts'
import { freePort } from './free-port.ts'
import { spawnWatched, waitUntilReady } from './java-server.ts'
import type { JavaServer } from './java-server.ts'
import { kafkaSettings, toProperties } from './kafka-settings.ts'
import { classPath, prepareJvm } from './local-jvm.ts'
import type { LocalJvm } from './local-jvm.ts'
import type { Say } from './progress.ts'

export interface ClusterPlan {
  /** One broker each: the port on loopback that clients of this broker are told, where something forwards to its `port`. */
  readonly advertised: readonly number[]
  /** Broker settings in Kafka's own names, on top of the usual. */
  readonly settings?: Readonly<Record<string, string>>
  /** With TLS, logins or certificates, and rights on every listener; without unless said. */
  readonly secured?: BrokerCertificate
  readonly say: Say
  readonly env: NodeJS.ProcessEnv
}

export interface ClusterNode {
  /** Where the broker listens for clients that are told the advertised port. */
  readonly port: number
  /** host:port of a second listener, which advertises itself: a way in past whatever stands between. */
  readonly direct: string
  /** host:port of a third, on a secured one, which asks for a certificate (mutual TLS) where the others ask for a login. */
  readonly mutual: string
  /** What the broker has written since its start. */
  log(): string
  /** kill -9; the data stay. */
  kill(): Promise<void>
  /** Starts it, once more after `kill`; resolves when it serves. */
  start(): Promise<void>
}

export interface Cluster {
  readonly nodes: readonly ClusterNode[]
  /** Of a secured one. */
  readonly security: ClusterSecurity | undefined
  /** Ends all brokers and removes their data. */
  stop(): Promise<void>
}

interface Place {
  readonly id: number
  readonly directory: string
  readonly port: number
  readonly directPort: number
  readonly mutualPort: number
  readonly controllerPort: number
  readonly advertised: number
}

/** Brokers on this machine's Java, for tests that harm them or are refused; each is a controller too. They end with this process. */
export async function startCluster({ advertised, settings = {}, secured, say, env }: ClusterPlan): Promise<Cluster> {
  const jvm = await prepareJvm(say, env)
  const places: Place[] = []
  for (const port of advertised) places.push(await placeNode(places.length + 1, port))
  const security = secured && (await secureCluster(places[0]!.directory, secured))
  const voters = places.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',')
  const nodes = await Promise.all(
    places.map((place) => prepareNode(jvm, place, { ...settings, 'controller.quorum.voters': voters }, security)),
  )
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    await Promise.all(nodes.map((node) => node.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, security: security?.security, stop }
}

async function placeNode(id: number, advertised: number): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-cluster-'))
  const [port, directPort, mutualPort] = [await freePort(), await freePort(), await freePort()]
  return { id, directory, port, directPort, mutualPort, controllerPort: await freePort(), advertised }
}

async function prepareNode(
  jvm: LocalJvm,
  place: Place,
  settings: Readonly<Record<string, string>>,
  secured: SecuredSettings | undefined,
): Promise<ClusterNode & { stop(): Promise<void> }> {
  const { directory, port, directPort, mutualPort } = place
  await writeFile(join(directory, 'server.properties'), nodeProperties(place, settings, secured))
  await copyFormatted(jvm.formattedData, join(directory, 'data'), place.id)
  const server = nodeServer(jvm, directory, secured === undefined ? [] : [authorizerLog])
  let child: ReturnType<typeof spawnWatched> | undefined
  return {
    port,
    direct: `127.0.0.1:${directPort}`,
    mutual: `127.0.0.1:${mutualPort}`,
    log: () => readFileSync(server.logFile, 'utf8'),
    async start() {
      await writeFile(server.logFile, '')
      child = spawnWatched(server)
      await waitUntilReady(server, child)
    },
    async kill() {
      const closed = once(child!, 'close')
      process.kill(Number(await readFile(join(directory, 'pid'), 'utf8')), 'SIGKILL')
      await closed
    },
    async stop() {
      if (child !== undefined && child.exitCode === null) {
        const closed = once(child, 'close')
        child.stdin!.end()
        await closed
      }
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function nodeProperties(
  place: Place,
  settings: Readonly<Record<string, string>>,
  secured: SecuredSettings | undefined,
): string {
  const protocol = secured === undefined ? 'PLAINTEXT' : 'SASL_SSL'
  const { id, directory, port, directPort, mutualPort, controllerPort, advertised } = place
  const mutual = secured === undefined ? '' : `,MUTUAL://127.0.0.1:${mutualPort}`
  return toProperties({
    ...kafkaSettings,
    ...secured?.settings,
    ...settings,
    'node.id': String(id),
    listeners: `CLIENT://127.0.0.1:${port},DIRECT://127.0.0.1:${directPort},CONTROLLER://127.0.0.1:${controllerPort}${mutual}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${advertised},DIRECT://127.0.0.1:${directPort}${mutual}`,
    'listener.security.protocol.map': `CLIENT:${protocol},DIRECT:${protocol},CONTROLLER:${protocol},MUTUAL:SSL`,
    'inter.broker.listener.name': 'DIRECT',
    'log.dirs': join(directory, 'data'),
  })
}

/** One formatted directory serves every node: it only says whose it is. */
async function copyFormatted(formatted: string, data: string, id: number): Promise<void> {
  await cp(formatted, data, { recursive: true })
  const file = join(data, 'meta.properties')
  const text = await readFile(file, 'utf8')
  const own = text
    .replace(/^node\.id=.*$/m, `node.id=${id}`)
    .replace(/^directory\.id=.*$/m, `directory.id=${randomBytes(16).toString('base64url').replace(/^-/, 'A')}`)
  await writeFile(file, own)
}

function nodeServer(jvm: LocalJvm, directory: string, jvmArgs: readonly string[]): JavaServer {
  const logFile = join(directory, 'kafka.log')
  return {
    name: 'Kafka',
    command: jvm.java.command,
    args: ['-Xms128m', '-Xmx256m', ...jvmArgs, '-cp', classPath(jvm.kafkaJars), 'kafka.Kafka', 'server.properties'],
    directory,
    logFile,
    isReady: () => readFileSync(logFile, 'utf8').includes('Kafka Server started'),
    notReady: 'BROKER_NOT_READY',
  }
}
