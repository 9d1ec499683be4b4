import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installOnce } from './cache.ts'
import type { Java } from './find-java.ts'
import { PlatformError } from './platform-error.ts'

const run = promisify(execFile)

export interface Maven {
  readonly java: Java
  readonly env: NodeJS.ProcessEnv
}

/** The directory of Kafka's jars, fetched on first use (43 MB). */
export function installKafka(cache: string, version: string, maven: Maven): Promise<string> {
  return installOnce(join(cache, `kafka-${version}`), async (directory) => {
    const pom = join(directory, 'pom.xml')
    await writeFile(pom, kafkaPom(version))
    await mvn(maven, ['-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${directory}`])
  })
}

/** The directory of Apicurio's `quarkus-run.jar`, fetched on first use (152 MB). */
export function installRegistry(cache: string, version: string, maven: Maven): Promise<string> {
  return installOnce(join(cache, `apicurio-registry-${version}`), async (directory) => {
    const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`
    const download = await mkdtemp(join(tmpdir(), 'raison-download-'))
    try {
      await mvn(maven, ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${download}`])
      // Not dependency:unpack: it cuts names longer than 100 characters.
      await run('tar', ['-xzf', join(download, (await readdir(download))[0]!), '-C', directory])
    } finally {
      await rm(download, { recursive: true, force: true })
    }
  })
}

export const isInstalled = (cache: string, kafkaVersion: string, registryVersion: string): boolean =>
  existsSync(join(cache, `kafka-${kafkaVersion}`)) && existsSync(join(cache, `apicurio-registry-${registryVersion}`))

async function mvn({ java, env }: Maven, args: string[]): Promise<void> {
  try {
    await run('mvn', ['-q', '-B', ...args], { env: { JAVA_HOME: java.home, ...env }, maxBuffer: 1 << 26 })
  } catch (error) {
    throw mavenError(error as NodeJS.ErrnoException & { stdout?: string; stderr?: string })
  }
}

function mavenError(error: NodeJS.ErrnoException & { stdout?: string; stderr?: string }): PlatformError {
  if (error.code === 'ENOENT')
    return new PlatformError(
      'MAVEN_NOT_FOUND',
      'no `mvn` on PATH to fetch Kafka and the registry with: install Maven, or start Docker, ' +
        'or give KAFKA_BROKERS and SCHEMA_REGISTRY_URL',
      { cause: error },
    )
  const firstErrors = `${error.stdout ?? ''}${error.stderr ?? ''}`
    .split('\n')
    .filter((line) => line.includes('ERROR'))
    .slice(0, 3)
  return new PlatformError(
    'DOWNLOAD_FAILED',
    `Maven could not fetch Kafka or the registry: check the network or Maven's settings.xml, then try again\n${firstErrors.join('\n')}`,
    { cause: error },
  )
}

const kafkaPom = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>raison</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`
