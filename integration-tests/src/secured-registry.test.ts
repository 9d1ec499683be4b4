import { expect, test } from 'vitest'
import { openLine, stop, type Line } from './open-line.ts'
import { readRecords } from './read-records.ts'
import { jsonLines, runRaison, type Run } from './run-raison.ts'
import { createAuthority } from './secured/authority.ts'
import { openSecuredRegistry, type SecuredRegistry } from './secured/secured-registry.ts'
import { sendRecords } from './stream-input.ts'

interface Wrong {
  readonly what: string
  readonly code: string
  change(registry: SecuredRegistry): void | Promise<void>
  readonly says: RegExp
}

const password: Wrong = {
  what: 'another password',
  code: 'REGISTRY_REFUSED',
  change: (registry) => registry.change({ password: 'changed' }),
  says: /the registry at https:\S+ answers 401: check its credentials/,
}
const authority: Wrong = {
  what: 'a certificate of another authority',
  code: 'REGISTRY_UNTRUSTED',
  change: async (registry) =>
    registry.change({ certificate: await (await createAuthority('another')).issue('registry') }),
  says: /the certificate of the registry at https:\S+ .*registry\.ca \(SCHEMA_REGISTRY_CA\)/,
}
const date: Wrong = {
  what: 'a certificate that is out of date',
  code: 'REGISTRY_UNTRUSTED',
  change: async (registry) => registry.change({ certificate: await registry.issue(-1) }),
  says: /the certificate of the registry at https:\S+ .*\(CERT_HAS_EXPIRED\)/,
}

test('a registry behind TLS and a login serves an explainer and a command', async () => {
  const line = await openLine('loan-logistic')
  const registry = await openSecuredRegistry(line.registryUrl)
  await sendRecords(line.brokers, line.topics.decisions, [{ key: 'spoilt', value: Buffer.from('no Avro') }])
  await line.send(5)
  const explainer = line.start(registry.env)
  await line.explained()
  expect(await stop(explainer)).toBe(0)
  expect(await readRecords(line.brokers, line.topics.explained)).toHaveLength(5)
  const { stdout } = await list(line, registry)
  expect(jsonLines(stdout)).toEqual([expect.objectContaining({ key: 'spoilt', code: 'EVENT_NOT_AVRO' })])
})

test.each([password, date])(
  'a registry that has $what while the explainer runs is named in the log, and its decisions wait for one that has not',
  async ({ change, code, says }) => {
    const line = await openLine('loan-logistic')
    const registry = await openSecuredRegistry(line.registryUrl)
    const explainer = line.start(registry.env)
    await explainer.shows(/"started"/)
    // It asks for the schema of the decisions with the first of them.
    await change(registry)
    await line.send(5)
    const [said] = await explainer.shows(/.*"a batch waits, and is tried again".*/)
    expect(said).toContain(`"code":"PROCESSOR_RETRY"`)
    expect(said).toContain(code)
    expect(said).toMatch(says)
    registry.change()
    await line.explained()
    expect(await stop(explainer)).toBe(0)
    expect(await readRecords(line.brokers, line.topics.explained)).toHaveLength(5)
  },
)

test.each([password, authority])(
  'a registry with $what ends a service that starts, and a command, with the way out',
  async ({ change, code, says }) => {
    const line = await openLine('loan-logistic')
    const registry = await openSecuredRegistry(line.registryUrl)
    await change(registry)
    const explainer = line.start(registry.env)
    expect(await explainer.ended).toBe(1)
    expect(explainer.stderr() + explainer.stdout()).toContain(`"code":"${code}"`)
    expect(explainer.stderr() + explainer.stdout()).toMatch(says)

    // Whose schema only the registry knows.
    await sendRecords(line.brokers, line.topics.quarantined, [{ key: 'any', value: Buffer.of(0, 0, 0, 0, 1, 0) }])
    const { status, stdout, stderr } = await list(line, registry)
    expect(stderr).toMatch(new RegExp(`^raison: ${code}: .*\n$`))
    expect(stderr).toMatch(says)
    expect([status, stdout]).toEqual([2, ''])
  },
)

function list({ brokers, topics }: Line, registry: SecuredRegistry): Promise<Run> {
  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: brokers.join(),
    RAISON_TOPIC_QUARANTINED: topics.quarantined,
    ...registry.env,
  }
  return runRaison(['quarantine', 'list', '--json'], '', env)
}
