import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const composeFile: string = fileURLToPath(new URL('../../../docker-compose.yml', import.meta.url))

/** What runs on every rung; the shipped compose file is the one place that names the versions. */
export interface PlatformImages {
  readonly kafka: string
  readonly registry: string
  readonly kafkaVersion: string
  readonly registryVersion: string
}

/** Throws when the compose file names no version of an image. */
export function readImages(): PlatformImages {
  const lines = readFileSync(composeFile, 'utf8')
  const find = (image: string): string => {
    const version = new RegExp(`image: ${image}:(\\S+)$`, 'm').exec(lines)?.[1]
    if (version === undefined) throw new Error(`${composeFile} names no image ${image}`)
    return version
  }
  const [kafkaVersion, registryVersion] = [find('apache/kafka'), find('apicurio/apicurio-registry')]
  return {
    kafka: `apache/kafka:${kafkaVersion}`,
    registry: `apicurio/apicurio-registry:${registryVersion}`,
    kafkaVersion,
    registryVersion,
  }
}
