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

export function readImages(): PlatformImages {
  const images = [...readFileSync(composeFile, 'utf8').matchAll(/^ +image: (\S+):(\S+)$/gm)]
  const find = (name: string): [string, string] => {
    const [image, , version] = images.find((match) => match[1]!.endsWith(name)) ?? []
    if (image === undefined) throw new Error(`${composeFile} names no image ${name}`)
    return [image.trim().replace('image: ', ''), version!]
  }
  const [kafka, kafkaVersion] = find('apache/kafka')
  const [registry, registryVersion] = find('apicurio/apicurio-registry')
  return { kafka, registry, kafkaVersion, registryVersion }
}
