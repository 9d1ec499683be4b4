import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { expect, test } from 'vitest'
import { openLine, stop, type Line } from './open-line.ts'
import { readRecords } from './read-records.ts'

const each = 60

interface Explained {
  readonly decisionId: string
  readonly method: string
  readonly artefactSha256: string | null
  readonly quality: { readonly degraded: boolean }
}

const fittedInService = /"artefact":"\w{64}".*bundle in service/

test(
  'a net is explained by sampling alone until an instance has fitted it, then by every thread and instance with its artefact',
  { timeout: 240_000 },
  async () => {
    const line = await openLine('loan-neural-net')
    const waiting = line.start({ RAISON_FIT: 'off' })
    await line.send(each, 'before')
    await line.explained()
    const fitting = line.start({ RAISON_FIT_MAX_MINUTES: '0.1', RAISON_THREADS: '2' })
    await waiting.shows(fittedInService)
    await fitting.shows(new RegExp(`${fittedInService.source}[^]*${fittedInService.source}`))
    await line.send(each, 'after')
    await line.explained()
    expect(await Promise.all([waiting, fitting].map(stop))).toEqual([0, 0])
    expect(fitting.stderr().match(/"msg":"fit begun"/g)).toHaveLength(1)

    const explained = await readExplained(line)
    const before = explained.filter(({ decisionId }) => decisionId.startsWith('before'))
    const after = explained.filter(({ decisionId }) => decisionId.startsWith('after'))
    expect([before.length, after.length]).toEqual([each, each])
    expect(kindsOf(before)).toEqual(['kernel-shap, degraded, null'])
    const [artefact, ...others] = (await readdir(join(line.bundles, 'one', 'artefacts'))) as [string]
    expect(others).toEqual([])
    expect(kindsOf(after)).toEqual([expect.stringMatching(/^kernel-shap on .*, whole, \w{64}$/)])
    expect(artefact).toContain(after[0]!.artefactSha256!.slice(0, 32))
  },
)

function kindsOf(explained: readonly Explained[]): string[] {
  const kinds = explained.map(
    ({ method, artefactSha256, quality }) => `${method}, ${quality.degraded ? 'degraded' : 'whole'}, ${artefactSha256}`,
  )
  return [...new Set(kinds)]
}

async function readExplained({ brokers, registryUrl, topics }: Line): Promise<Explained[]> {
  const registry = new SchemaRegistry({ host: registryUrl })
  const records = await readRecords(brokers, topics.explained)
  expect(positionsOutOfOrder(records.map(({ headers }) => String(headers!['raison-source'])))).toEqual([])
  expect(await readRecords(brokers, topics.quarantined)).toEqual([])
  return (await Promise.all(records.map(({ value }) => registry.decode(value!)))) as Explained[]
}

/** Source positions, `topic/partition/offset`, that do not come after the ones before them in their partition. */
function positionsOutOfOrder(positions: readonly string[]): string[] {
  const last = new Map<string, number>()
  return positions.filter((position) => {
    const [, partition, offset] = position.split('/') as [string, string, string]
    const inOrder = Number(offset) > (last.get(partition) ?? -1)
    last.set(partition, Number(offset))
    return !inOrder
  })
}
