import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory, installOnce } from './cache.ts'
import { installKafka, installRegistry, isInstalled } from './distributions.ts'
import { findJava } from './find-java.ts'
import type { Java } from './find-java.ts'
import { freePort } from './free-port.ts'
import { readImages } from './images.ts'
import type { JavaServer } from './java-server.ts'
import { kafkaSettings, toProperties } from './kafka-settings.ts'
import { PlatformError } from './platform-error.ts'
import { withProgress } from './progress.ts'
import type { Say } from './progress.ts'

/** A Java and the two distributions it runs. */
export interface LocalJvm {
  readonly java: Java
  readonly kafkaJars: string
  /** An empty, formatted Kafka data directory to copy. */
  readonly formattedData: string
  readonly registryApp: string
}

/** Finds Java and fetches what the cache does not hold yet. */
export async function prepareJvm(say: Say, env: NodeJS.ProcessEnv): Promise<LocalJvm> {
  const java = await findJava(env)
  const cache = cacheDirectory(env)
  const { kafkaVersion, registryVersion } = readImages()
  if (isInstalled(cache, kafkaVersion, registryVersion)) return install(java, cache, env)
  const what = `fetching Kafka ${kafkaVersion} and Apicurio Registry ${registryVersion} with Maven, once (200 MB)`
  return withProgress(say, what, install(java, cache, env))
}

/** One after the other: two Mavens would write the same local repository. */
async function install(java: Java, cache: string, env: NodeJS.ProcessEnv): Promise<LocalJvm> {
  const { kafkaVersion, registryVersion } = readImages()
  const kafkaJars = await installKafka(cache, kafkaVersion, { java, env })
  const registryApp = await installRegistry(cache, registryVersion, { java, env })
  return { java, kafkaJars, formattedData: await formatData(cache, kafkaVersion, java, kafkaJars), registryApp }
}

/** For the line that tells the user where the servers run. */
export const localJvm = ({ java }: LocalJvm, why: string): string => `a local JVM (Java ${java.major}; ${why})`

export interface ServerPlace {
  readonly directory: string
  readonly port: number
  /** Extra JVM arguments. */
  readonly jvmArgs?: readonly string[]
}

/** A broker whose data directory is formatted, ready to be spawned. */
export async function kafkaServer(jvm: LocalJvm, { directory, port, jvmArgs = [] }: ServerPlace): Promise<JavaServer> {
  const logFile = join(directory, 'kafka.log')
  const data = join(directory, 'data')
  await mkdir(directory, { recursive: true })
  await writeFile(logFile, '')
  await writeFile(join(directory, 'server.properties'), serverProperties(port, await freePort(), data))
  if (!existsSync(data)) await cp(jvm.formattedData, data, { recursive: true })
  return {
    name: 'Kafka',
    command: jvm.java.command,
    args: [
      '-Xms128m',
      '-Xmx512m',
      compiledLightly,
      ...jvmArgs,
      '-cp',
      classPath(jvm.kafkaJars),
      'kafka.Kafka',
      'server.properties',
    ],
    directory,
    logFile,
    isReady: () => readFileSync(logFile, 'utf8').includes('Kafka Server started'),
    notReady: 'BROKER_NOT_READY',
  }
}

const serverProperties = (port: number, controllerPort: number, data: string): string =>
  toProperties({
    ...kafkaSettings,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': data,
  })

/** Formatting takes a JVM of its own and two seconds: done once, every broker starts from a copy. */
function formatData(cache: string, version: string, java: Java, kafkaJars: string): Promise<string> {
  return installOnce(join(cache, `kafka-${version}-formatted`), async (directory) => {
    const scratch = await mkdtemp(join(tmpdir(), 'raison-format-'))
    const properties = join(scratch, 'server.properties')
    await writeFile(properties, serverProperties(9092, 9093, directory))
    const clusterId = randomBytes(16).toString('base64url')
    const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', properties]
    try {
      await promisify(execFile)(java.command, [...quickStart, '-cp', classPath(kafkaJars), ...tool])
    } catch (error) {
      throw new PlatformError('BROKER_NOT_READY', `Kafka could not format ${directory}: ${(error as Error).message}`, {
        cause: error,
      })
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  })
}

export const classPath = (jars: string): string => join(jars, '*')
/** A broker for tests and demos ends before its compiler would have paid: it took a third of the broker's processor time. */
const compiledLightly = '-XX:TieredStopAtLevel=1'
/** For a program that is seldom asked: one collector thread, too. */
const quickStart: readonly string[] = ['-XX:+UseSerialGC', compiledLightly]

/** Schemas are kept in files, so that they live as long as the records in Kafka that carry their ids. */
export async function registryServer(
  jvm: LocalJvm,
  { directory, port, jvmArgs = [] }: ServerPlace,
): Promise<JavaServer> {
  const logFile = join(directory, 'registry.log')
  await mkdir(directory, { recursive: true })
  await writeFile(logFile, '')
  const properties = {
    // It unpacks libraries there, and has no time to remove them when it is killed.
    'java.io.tmpdir': directory,
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    // Its health port is 9000 on every interface unless told.
    'quarkus.management.host': '127.0.0.1',
    'quarkus.management.port': 0,
    'apicurio.datasource.url': `jdbc:h2:file:${join(directory, 'schemas')}`,
  }
  const defines = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`)
  return {
    name: 'the schema registry',
    command: jvm.java.command,
    args: ['-Xmx384m', ...quickStart, ...jvmArgs, ...defines, '-jar', join(jvm.registryApp, 'quarkus-run.jar')],
    directory,
    logFile,
    isReady: () => answers(`http://127.0.0.1:${port}${registryApi}/subjects`),
    notReady: 'REGISTRY_NOT_READY',
  }
}

/** Where Apicurio speaks the Confluent protocol. */
export const registryApi = '/apis/ccompat/v7'

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}
