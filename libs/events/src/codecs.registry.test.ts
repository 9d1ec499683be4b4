import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterEach, describe, expect, inject, test } from 'vitest'
import {
  createDecisionDecoder,
  createDecisionEncoder,
  createExplanationDecoder,
  createExplanationEncoder,
  createQuarantineDecoder,
  createQuarantineEncoder,
} from './codecs.ts'
import { registerSchema, registerSchemas } from './register-schemas.ts'
import { parseSchema, schemaText, schemaType } from './schemas.ts'
import { arbitraryDecision, arbitraryExplanation, arbitraryQuarantined } from './testing/arbitrary-events.ts'
import { frame } from './wire-format.ts'
import { openWriterSchemas, refusedForMs } from './writer-schemas.ts'

const registry = { url: inject('schemaRegistryUrl') }
const ids = await registerSchemas(registry, {
  decisions: `decisions-${randomUUID()}`,
  explained: `explained-${randomUUID()}`,
  quarantined: `quarantined-${randomUUID()}`,
})
const decision = fc.sample(arbitraryDecision, { seed: 5, numRuns: 1 })[0]!
const bytes = createDecisionEncoder(ids)(decision)
const unknown = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1])

const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

test('every event comes back through the registry', async () => {
  const explanation = fc.sample(arbitraryExplanation, { seed: 5, numRuns: 1 })[0]!
  const quarantined = fc.sample(arbitraryQuarantined, { seed: 5, numRuns: 1 })[0]!
  expect(await createDecisionDecoder(registry)(bytes)).toEqual(decision)
  expect(await createExplanationDecoder(registry)(createExplanationEncoder(ids)(explanation))).toEqual(explanation)
  expect(await createQuarantineDecoder(registry)(createQuarantineEncoder(ids)(quarantined))).toEqual(quarantined)
})

test('a consumer that knows the registry alone reads the same, and what it writes is read here', async () => {
  const client = new SchemaRegistry({ host: registry.url })
  const event = { ...decision, features: { LIMIT_BAL: 20000, SEX: 'male', AGE: null }, score: undefined, outcome: 'OK' }
  const theirs = { ...event, score: null }
  expect(await client.decode(createDecisionEncoder(ids)(event))).toMatchObject(theirs)
  expect(await createDecisionDecoder(registry)(await client.encode(ids.decisions, theirs))).toEqual(event)
})

describe('the writer’s schema', () => {
  test('is asked for once by a hundred records at once, and by none after them', async () => {
    const { url, asked } = await countingRegistry()
    const decode = createDecisionDecoder({ url })
    const decisions = await Promise.all(Array.from({ length: 100 }, () => decode(bytes)))
    expect(decisions[99]).toEqual(decision)
    expect(decode(bytes)).not.toBeInstanceOf(Promise)
    expect(asked).toEqual([`/schemas/ids/${ids.decisions}`])
  })

  test('that nobody knows is asked for once in a while, not once a record', async () => {
    const { url, asked } = await countingRegistry()
    let now = 1000
    const schemas = openWriterSchemas({ url }, schemaType('decisions'), undefined, { now: () => now })
    const find = async (): Promise<unknown> => schemas.find(unknown.readInt32BE(1))
    await Promise.all([find, find].map((ask) => expect(ask()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })))
    now += refusedForMs - 1
    await expect(find()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    expect(asked.length).toBe(1)
    now += 2
    await expect(find()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    expect(asked.length).toBe(2)
  })

  test('is asked for again as soon as a registry that was away is back', async () => {
    const { url, port, server } = await countingRegistry()
    const decode = createDecisionDecoder({ url })
    server.close()
    await once(server, 'close')
    await expect(decode(bytes)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    await countingRegistry(port)
    expect(await decode(bytes)).toEqual(decision)
  })

  test('of a later version is read: what it added is passed over, what it lost has its default', async () => {
    const subject = `later-${randomUUID()}-value`
    const schema = JSON.parse(schemaText('decisions')) as { fields: { name: string }[] }
    const later = JSON.stringify({
      ...schema,
      fields: [
        { name: 'channels', type: { type: 'array', items: 'string' }, default: [] },
        ...schema.fields.filter(({ name }) => name !== 'outcome'),
      ],
    })
    await registerSchema(registry, subject, schemaText('decisions'))
    const id = await registerSchema(registry, subject, later)
    const written = frame(id, parseSchema(later), { ...decision, channels: ['web', 'branch'] })
    expect(await createDecisionDecoder(registry)(written)).toEqual({ ...decision, outcome: undefined })
  })

  test('of another subject is refused', async () => {
    const foreign = createQuarantineEncoder(ids)(fc.sample(arbitraryQuarantined, { seed: 5, numRuns: 1 })[0]!)
    const refusal = expect.stringContaining('QuarantinedRecord') as string
    await expect(async () => createDecisionDecoder(registry)(foreign)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      message: refusal,
    })
  })
})

/** The real registry behind a door that counts who passes. */
async function countingRegistry(
  at = 0,
): Promise<{ url: string; port: number; asked: (string | undefined)[]; server: Server }> {
  const asked: (string | undefined)[] = []
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.url)
    const { method, headers } = incoming
    const forward = request(registry.url + incoming.url!, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, { ...answer.headers, connection: 'close' })
      answer.pipe(outgoing)
    })
    incoming.pipe(forward)
  }).listen(at, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, asked, server }
}
