import { cp, readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { stateTopicNames, topicNames, type DriftSignal } from '@raison/events'
import { PlatformError } from '@raison/local-platform'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { driftingExplanations, smallWindows } from './drifting-explanations.ts'
import { stop } from './open-line.ts'
import { readRecords } from './read-records.ts'
import { startDriftMonitor } from './run-drift-monitor.ts'
import { jsonLines, root, runRaison, startProgram, type Program, type Run } from './run-raison.ts'
import { createAuthority } from './secured/authority.ts'
import { certificateFiles } from './secured/certificate-files.ts'
import { documentedActors, documentedRights, type Right } from './secured/documented-rights.ts'
import { startSecuredBroker, type SecuredBroker, type User } from './secured/secured-broker.ts'
import { temporaryDirectory } from './secured/temporary-directory.ts'
import { sendRecords, waitUntilConsumed } from './stream-input.ts'

const registryUrl = inject('schemaRegistryUrl')
const bundles = `${root}/examples/loan-demo/bundles`
const model = 'loan-logistic'

let broker: SecuredBroker
let unavailable: string | undefined

beforeAll(async () => {
  try {
    broker = await startSecuredBroker()
    const creator = await userWho('raison topics --create')
    expect(await raison(creator, 'topics', '--create')).toMatchObject({ status: 0 })
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    unavailable = error.message
  }
})
beforeEach((context) => {
  if (unavailable !== undefined) context.skip(unavailable)
})
afterAll(() => broker?.stop())

test(
  'with the rights that the documentation gives, and no others, all do their work, and nobody has one too many',
  { timeout: 180_000 },
  async () => {
    await explainAndReplay()
    await watchAndClear()
    expect(broker.asked().filter(({ user, allowed }) => user !== 'admin' && !allowed)).toEqual([])
    expect(documentedActors('configuration.md').filter((who) => !users.has(nameOf(who)))).toEqual([])
    expect(broker.unused([...users.values()])).toEqual([])
  },
)

const explainerRights = (): Right[] => documentedRights('configuration.md', 'the explainer')
const write = (name: string): Right =>
  explainerRights().find((right) => right.operation === 'Write' && right.name === name)!

test.each([
  [
    'its transactional ids',
    write('explainer/'),
    [],
    /the end of the last transaction of explainer\/\S+ this login .* transactional id/,
  ],
  [
    'a topic that it can see',
    write(topicNames.explained),
    ['Describe'],
    /: this login lacks a right on the topic decisions\.explained: /,
  ],
])(
  'an explainer that may not write to %s says so, loses nothing, and goes on when it may',
  async (what, missing, instead, says) => {
    const others = explainerRights().filter((right) => !isDeepStrictEqual(right, missing))
    const user = await broker.addUser(nameOf(what), [
      ...others,
      ...instead.map((operation) => ({ ...missing, operation })),
    ])
    const before = (await sourcesOf(topicNames.explained)).length
    await publish(await userWho('whoever publishes decisions, idempotently'), 20)
    const explainer = await startExplainer(user)
    const [said] = await explainer.shows(/.*"code":"RIGHT_MISSING".*/)
    expect(said).toMatch(says)
    expect(said).toContain('grant it (docs/configuration.md#rights-on-kafka)')
    const problem = { code: 'RIGHT_MISSING', message: expect.stringMatching(says) }
    expect(await healthOf(explainer)).toMatchObject({
      live: true,
      ready: false,
      problems: expect.arrayContaining([problem]),
    })
    await broker.allow(user, [missing])
    await explained()
    await expect.poll(() => healthOf(explainer)).toMatchObject({ ready: true, problems: [] })
    expect(await stop(explainer), logOf(explainer)).toBe(0)
    const sources = await sourcesOf(topicNames.explained)
    expect([sources.length, new Set(sources).size]).toEqual([before + 20, before + 20])
  },
)

test(
  'an explainer whose password is changed says so, loses nothing, and goes on when it is let in again',
  { timeout: 120_000 },
  async () => {
    const user = await broker.addUser('another-password', explainerRights())
    const password = (await readFile(user.env['KAFKA_SASL_PASSWORD_FILE']!, 'utf8')).trim()
    const before = (await sourcesOf(topicNames.explained)).length
    const explainer = await startExplainer({ ...user, env: { ...user.env, KAFKA_BROKERS: broker.proxied } })
    await explainer.shows(/"msg":"started"/)
    const health = (): Promise<unknown> => healthOf(explainer)
    await expect.poll(health, { timeout: 30_000 }).toMatchObject({ ready: true })
    await broker.setPassword(user, 'of another')
    broker.cutProxied()
    const [said] = await explainer.shows(/.*"code":"BROKER_REFUSED".*/)
    const says = /check kafka\.sasl\.mechanism, username and password/
    expect(said).toMatch(says)
    const reason = expect.stringMatching(says)
    const problems = expect.arrayContaining([{ code: 'BROKER_REFUSED', message: reason }])
    expect(await health()).toMatchObject({ live: true, ready: false, reason, problems })
    await publish(await userWho('whoever publishes decisions, idempotently'), 20)
    await broker.setPassword(user, password)
    await explained()
    await expect.poll(health).toMatchObject({ ready: true, problems: [] })
    expect(await stop(explainer), logOf(explainer)).toBe(0)
    const sources = await sourcesOf(topicNames.explained)
    expect([sources.length, new Set(sources).size]).toEqual([before + 20, before + 20])
  },
)

test.each([
  [
    'read its group',
    'group',
    'explainer',
    [],
    'reading decisions.scored in group explainer: this login lacks a right on the consumer group',
  ],
  [
    'read a topic that it can see',
    'topic',
    topicNames.decisions,
    ['Describe'],
    'reading decisions.scored in group explainer: this login lacks a right on the topic',
  ],
  [
    'see a topic',
    'topic',
    topicNames.quarantined,
    [],
    'looking for decisions.quarantined: this login lacks a right on the topic',
  ],
] as const)(
  'an explainer that may not %s ends, and names what it lacks',
  async (what, resource, name, instead, says) => {
    const others = explainerRights().filter((right) => right.resource !== resource || right.name !== name)
    const given = instead.map((operation): Right => ({ resource, name, isPrefix: false, operation }))
    const explainer = await startExplainer(await broker.addUser(nameOf(what), [...others, ...given]))
    expect(await explainer.ended, logOf(explainer)).toBe(1)
    expect(logOf(explainer)).toContain(
      `"code":"RIGHT_MISSING","msg":"${says}: grant it (docs/configuration.md#rights-on-kafka)"`,
    )
  },
)

test('an explainer that may not read the limit of a topic says which limit it takes instead, and works', async () => {
  const others = explainerRights().filter(
    ({ operation, name }) => operation !== 'DescribeConfigs' || name !== topicNames.explained,
  )
  const explainer = await startExplainer(await broker.addUser(nameOf('all but limits'), others))
  const assumed = `"topic":"${topicNames.explained}","assumedBytes":1048588`
  await explainer.shows(new RegExp(assumed))
  expect(await stop(explainer)).toBe(0)
  expect(logOf(explainer).split(assumed)).toHaveLength(2)
  expect(logOf(explainer)).not.toContain(`"topic":"${topicNames.quarantined}","assumedBytes"`)
})

test.each([
  ['quarantine list', 'group', 'Read', /refused by Kafka: .* consumer group/],
  [
    'quarantine list',
    'topic decisions.quarantined.replayed',
    'Read',
    /looking for decisions\.quarantined\.replayed: .* topic/,
  ],
  ['topics --create', 'topic decisions.', 'Create', /refused by Kafka: .* topic decisions\.that-are-not-there-yet: /],
])(
  'raison %s without the right on %s (%s) names it, and the way out, in one line',
  async (command, on, operation, says) => {
    const rights = documentedRights('configuration.md', `raison ${command}`)
    const others = rights.filter(
      (right) => !`${right.resource} ${right.name}`.startsWith(on) || right.operation !== operation,
    )
    const user = await broker.addUser(nameOf(`${command} without ${on}`), others)
    const env = { ...environmentOf(user), RAISON_TOPIC_DECISIONS: 'decisions.that-are-not-there-yet' }
    const { status, stdout, stderr } = await runRaison(command.split(' '), '', env)
    expect(stderr).toMatch(/^raison: RIGHT_MISSING: .*: grant it \(docs\/configuration\.md#rights-on-kafka\)\n$/)
    expect(stderr).toMatch(says)
    expect([status, stdout]).toEqual([2, ''])
  },
)

test.each([
  [
    'a wrong password',
    'BROKER_REFUSED',
    () => ({ KAFKA_SASL_PASSWORD_FILE: broker.ca }),
    /invalid credentials .*: check kafka\.sasl\.mechanism, username and password/,
  ],
  [
    'an authority that has not signed',
    'BROKER_UNTRUSTED',
    anotherAuthority,
    /certificate of 127\.0\.0\.1:\d+ .*kafka\.ssl\.ca \(KAFKA_SSL_CA\)/,
  ],
] as const)('%s ends services and commands, and is said with the way out', async (_, code, wrong, says) => {
  const env = { ...environmentOf(await userWho('the explainer')), ...(await wrong()) }
  const own = { RAISON_BUNDLES: bundles, RAISON_GROUP: 'explainer', RAISON_HEALTH_PORT: '0' }
  const services = ['explainer', 'drift-monitor'].map((service) => startProgram(service, [], { ...env, ...own }))
  for (const service of services) {
    expect(await service.ended).toBe(1)
    expect(logOf(service)).toContain(`"code":"${code}"`)
    expect(logOf(service)).toMatch(says)
  }
  const { status, stderr } = await runRaison(['quarantine', 'list'], '', env)
  expect(stderr).toMatch(new RegExp(`^raison: ${code}: .*\n$`))
  expect(stderr).toMatch(says)
  expect(status).toBe(2)
})

/** One that Node knows: it signs certificates of others. */
async function anotherAuthority(): Promise<Record<string, string>> {
  const file = join(await temporaryDirectory(), 'ca.pem')
  await writeFile(file, rootCertificates[0]!)
  return { KAFKA_SSL_CA: file }
}

const holder = 'the-certified'

test('an explainer whose client certificate is out of date ends and loses nothing, and with a new one explains what was waiting', async () => {
  const before = (await sourcesOf(topicNames.explained)).length
  await publish(await userWho('whoever publishes decisions, idempotently'), 5)
  await broker.allow({ name: `CN=${holder}` }, explainerRights())
  const late = await startExplainer(holding(await certificateFiles(await broker.authority.issue(holder, -1))))
  expect(await late.ended, logOf(late)).toBe(1)
  expect(logOf(late)).toMatch(/"code":"BROKER_REFUSED".*name one that is in date, .*KAFKA_SSL_CERT/)

  const explainer = await startExplainer(
    holding(await certificateFiles(await broker.authority.issue(holder), 'a passphrase')),
  )
  await explained()
  expect(await stop(explainer), logOf(explainer)).toBe(0)
  const sources = await sourcesOf(topicNames.explained)
  expect([sources.length, new Set(sources).size]).toEqual([before + 5, before + 5])
})

test('a command that shows a client certificate is answered', async () => {
  await broker.allow({ name: `CN=${holder}` }, documentedRights('configuration.md', 'raison quarantine list'))
  const user = holding(await certificateFiles(await broker.authority.issue(holder)))
  expect(await raison(user, 'quarantine', 'list', '--json')).toMatchObject({ status: 0 })
})

test.each([
  [
    'no client certificate',
    'BROKER_REFUSED',
    1,
    async () => ({}),
    /does not take our certificate \(\S+CERTIFICATE_REQUIRED\): name one .*KAFKA_SSL_CERT/,
  ],
  [
    'a client certificate of another authority',
    'BROKER_REFUSED',
    1,
    async () => certificateFiles(await (await createAuthority('another')).issue(holder)),
    /does not take our certificate .*: name one .*signed by an authority that the broker trusts/,
  ],
  [
    'a passphrase that does not open the key',
    'CONFIG_INVALID',
    2,
    async () => ({
      ...(await certificateFiles(await broker.authority.issue(holder), 'a passphrase')),
      KAFKA_SSL_PASSPHRASE_FILE: broker.ca,
    }),
    /kafka\.ssl: .*KAFKA_SSL_PASSPHRASE_FILE/,
  ],
] as const)(
  '%s ends a service and a command, and is said with the way out',
  async (_, code, ofService, certificate, says) => {
    const user = holding(await certificate())
    const explainer = await startExplainer(user)
    expect(await explainer.ended).toBe(ofService)
    expect(logOf(explainer)).toContain(`"code":"${code}"`)
    expect(logOf(explainer)).toMatch(says)
    const { status, stderr } = await raison(user, 'quarantine', 'list')
    expect(stderr).toMatch(new RegExp(`^raison: ${code}: .*\n$`))
    expect(stderr).toMatch(says)
    expect(status).toBe(2)
  },
)

/** Whoever shows this certificate, where the broker asks for one. */
function holding(certificate: Readonly<Record<string, string>>): Pick<User, 'env'> {
  return { env: { KAFKA_BROKERS: broker.mutual, KAFKA_SSL_CA: broker.ca, ...certificate } }
}

async function explainAndReplay(): Promise<void> {
  const publisher = await userWho('whoever publishes decisions, idempotently')
  await publish(publisher, 40)
  await sendRecords(publisher.client, topicNames.decisions, [{ key: 'spoilt', value: Buffer.from('no Avro') }])
  const explainer = await startExplainer(await userWho('the explainer'))
  await explained()
  const reader = await userWho('whoever reads explanations')
  expect(new Set(await readAsMember(reader, topicNames.explained, 40)).size).toBe(40)

  const listed = await raison(await userWho('raison quarantine list'), 'quarantine', 'list', '--json')
  const [aside] = jsonLines<{ position: string }>(listed.stdout)
  const replayer = await userWho('raison quarantine replay')
  const replay = () => raison(replayer, 'quarantine', 'replay', aside!.position, '--yes')
  expect(await replay()).toMatchObject({ status: 0 })
  expect(await replay()).toMatchObject({ status: 2, stderr: expect.stringContaining('QUARANTINE_REPLAYED') })
  await explained()
  expect(await readRecords(broker.admin, topicNames.quarantined)).toHaveLength(2)
  // Both look for the note of the replay, which was not there before.
  for (const args of [
    ['list', '--json'],
    ['show', aside!.position],
  ]) {
    const user = await userWho(`raison quarantine ${args[0]}`)
    const shown = await raison(user, 'quarantine', ...args)
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringMatching(/"replayed": ?\{/) })
  }
  expect(await stop(explainer), logOf(explainer)).toBe(0)
}

async function watchAndClear(): Promise<void> {
  const watcher = await userOf('drift.md', 'the drift monitor')
  const webhook = await openWebhook()
  const start = () =>
    startDriftMonitor({
      brokers: [broker.address],
      registryUrl,
      group: 'raison-drift',
      topics: monitorTopics,
      more: { ...smallWindows, kafka: watcher.kafka, webhook: { url: webhook.url } },
    })
  const monitor = await start()
  const records = await driftingExplanations(registryUrl, topicNames.explained, new Date().toISOString())
  await sendRecords(broker.admin, topicNames.explained, records)
  await watched()
  const [alarm] = await alarms()
  expect(alarm).toMatchObject({ state: 'raised', modelName: 'loans' })
  await webhook.called

  const answer = async (action: 'ack' | 'clear'): Promise<string[]> => {
    const user = await userWho(`raison drift ${action}`)
    expect(await raison(user, 'drift', action, alarm!.alarmId, '--by', 'an analyst')).toMatchObject({ status: 0 })
    await watched()
    return (await alarms()).map(({ state }) => state)
  }
  expect(await answer('ack')).toEqual(['acknowledged'])
  expect(await monitor.stop(), monitor.log()).toBe(0)
  // Another one, which reads the state that the first has left.
  const next = await start()
  expect(await answer('clear')).toEqual(['cleared'])
  expect(await next.stop(), next.log()).toBe(0)
}

async function alarms(): Promise<DriftSignal[]> {
  return jsonLines((await raison(await userWho('raison drift alarms'), 'drift', 'alarms', '--all', '--json')).stdout)
}

const users = new Map<string, User>()
const nameOf = (who: string): string => who.replaceAll(/\W+/g, '-')
const userWho = (who: string): Promise<User> => userOf('configuration.md', who)

/** With the rights that a document's table gives them, and no others. */
async function userOf(file: string, who: string): Promise<User> {
  const name = nameOf(who)
  const user = users.get(name) ?? (await broker.addUser(name, documentedRights(file, who)))
  users.set(name, user)
  return user
}

const raison = (user: Pick<User, 'env'>, ...args: readonly string[]): Promise<Run> =>
  runRaison(args, '', environmentOf(user))

const environmentOf = (user: Pick<User, 'env'>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ...user.env,
  SCHEMA_REGISTRY_URL: registryUrl,
})

/** So many decisions of the demo's feed. */
async function publish(user: User, count: number): Promise<void> {
  const args = ['--bundle', join(bundles, model), '--decisions', String(count), '--rate', '500']
  const feed = startProgram('decision-feed', args, environmentOf(user))
  expect(await feed.ended, feed.stderr()).toBe(0)
}

/** It ends with the test at the latest. */
async function startExplainer(user: Pick<User, 'env'>): Promise<Program> {
  const directory = await temporaryDirectory()
  await cp(join(bundles, model), join(directory, model), { recursive: true })
  const own = { RAISON_BUNDLES: directory, RAISON_GROUP: 'explainer', RAISON_HEALTH_PORT: '0' }
  const explainer = startProgram('explainer', [], { ...environmentOf(user), ...own })
  onTestFinished(() => void explainer.process.kill('SIGKILL'))
  return explainer
}

async function healthOf(explainer: Program): Promise<unknown> {
  const [, address] = /"health":"(.+?)"/.exec(logOf(explainer))!
  return (await fetch(address!)).json()
}

/** Where what the explainer wrote to the topic came from. */
async function sourcesOf(topic: string): Promise<string[]> {
  return (await readRecords(broker.admin, topic)).flatMap(({ headers }) => headers?.['raison-source']?.toString() ?? [])
}

const logOf = ({ stdout, stderr }: Program): string => stdout() + stderr()

const explained = (): Promise<void> => waitUntilConsumed(broker.admin, 'explainer', topicNames.decisions)

/** The second stage has read all that the first has written. */
async function watched(): Promise<void> {
  await waitUntilConsumed(broker.admin, 'raison-drift-windows', topicNames.explained)
  await waitUntilConsumed(broker.admin, 'raison-drift-evidence', topicNames.windows)
}

const monitorTopics = {
  explained: topicNames.explained,
  windows: topicNames.windows,
  windowsState: stateTopicNames.windowsState,
  drift: topicNames.drift,
  driftState: stateTopicNames.driftState,
}

/** The keys of so many records, as a group of one's own reads them. */
async function readAsMember({ client }: User, topic: string, count: number): Promise<string[]> {
  const consumer = client.consumer({ groupId: 'crm', readUncommitted: false })
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const keys: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => void (keys.push(String(message.key)) === count && resolve()),
  })
  await done
  await consumer.disconnect()
  return keys
}

async function openWebhook(): Promise<{ readonly url: string; readonly called: Promise<unknown> }> {
  const server = createServer((_, response) => void response.writeHead(200).end())
  const called = once(server, 'request')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, called }
}
