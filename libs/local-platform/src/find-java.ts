import { execFile } from 'node:child_process'
import { globSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PlatformError } from './platform-error.ts'

export interface Java {
  /** The installation directory, fit for JAVA_HOME. */
  readonly home: string
  readonly command: string
  readonly major: number
}

/** The registry is compiled for 21; Kafka would run on 17. */
const oldest = 21

const usualPlaces: readonly string[] = [
  '/usr/lib/jvm/*',
  '/usr/java/*',
  '/opt/*',
  '/opt/*/*',
  '/Library/Java/JavaVirtualMachines/*/Contents/Home',
  '/opt/homebrew/opt/openjdk*',
]
const usualPlacesAtHome = ['.sdkman/candidates/java/*', '.jdks/*', '.local/share/mise/installs/java/*']

/** The first Java ≥ 21 of JAVA_HOME, PATH and the places where installers put them. Throws JAVA_NOT_FOUND. */
export async function findJava(env: NodeJS.ProcessEnv, places: readonly string[] = usualPlaces): Promise<Java> {
  const tooOld: string[] = []
  for (const home of candidateHomes(env, places)) {
    const java = await inspectJava(home)
    if (java !== undefined && java.major >= oldest) return java
    if (java !== undefined) tooOld.push(`${java.command} is ${java.major}`)
  }
  const seen = tooOld.length > 0 ? ` (${tooOld.join(', ')})` : ''
  throw new PlatformError(
    'JAVA_NOT_FOUND',
    `no Java ≥ ${oldest} found in JAVA_HOME, PATH or the usual places${seen}: install one (e.g. Temurin ${oldest}) ` +
      'or set JAVA_HOME, or start Docker, or give KAFKA_BROKERS and SCHEMA_REGISTRY_URL',
  )
}

function candidateHomes(env: NodeJS.ProcessEnv, places: readonly string[]): Set<string> {
  const given = env['JAVA_HOME'] ? [env['JAVA_HOME']] : []
  const onPath = (env['PATH'] ?? '').split(delimiter).flatMap((directory) => homeOf(join(directory, 'java')))
  const atHome = env['HOME'] ? usualPlacesAtHome.map((place) => join(env['HOME']!, place)) : []
  const installed = globSync([...places, ...atHome].map((place) => join(place, 'bin/java'))).sort()
  return new Set([...given, ...onPath, ...installed.flatMap(homeOf)])
}

/** PATH often holds a link (/usr/bin/java): the installation is where it leads. */
function homeOf(command: string): string[] {
  try {
    return [dirname(dirname(realpathSync(command)))]
  } catch {
    return []
  }
}

async function inspectJava(home: string): Promise<Java | undefined> {
  const command = join(home, 'bin', 'java')
  const major = readReleaseFile(home) ?? (await askVersion(command))
  return major === undefined ? undefined : { home, command, major }
}

function readReleaseFile(home: string): number | undefined {
  try {
    return majorOf(/^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

async function askVersion(command: string): Promise<number | undefined> {
  try {
    const { stderr } = await promisify(execFile)(command, ['-version'], { timeout: 10_000 })
    return majorOf(/version "([^"]+)"/.exec(stderr)?.[1])
  } catch {
    return undefined
  }
}

/** 25.0.1 → 25; 1.8.0_452 → 8. */
function majorOf(version: string | undefined): number | undefined {
  const major = /^(?:1\.)?(\d+)/.exec(version ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}
