import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DriftSignal } from '@raison/events'
import type { RawRecord } from '@raison/stream-runtime'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { callWebhook } from './call-webhook.ts'

const record = { value: Buffer.from('a signal') } as Partial<RawRecord> as RawRecord
const signal = { alarmId: 'a-1', state: 'raised' } as DriftSignal

test('a webhook that sends elsewhere is not followed, and has refused the call', async () => {
  const { url, asked, lines, call } = await openWebhook((server) =>
    server.on('request', (_, answer) => answer.writeHead(302, { location: '/elsewhere' }).end()),
  )
  await call({ url })
  expect(asked()).toBe(1)
  expect(lines()).toMatchObject([{ level: 50, status: 302, alarmId: 'a-1' }])
})

test('an authorization that cannot be read is said, and the call is made later', async () => {
  const { url, asked, lines, call } = await openWebhook()
  await expect(call({ url, authorizationFile: '/missing' })).rejects.toMatchObject({ code: 'PROCESSOR_RETRY' })
  expect(asked()).toBe(0)
  expect(lines()).toMatchObject([{ level: 40, reason: expect.stringContaining('webhook.authorizationFile') }])
})

test('why a webhook cannot be reached is said, without what was sent', async () => {
  const { url, lines, call } = await openWebhook((server) =>
    server.once('connection', (socket) => {
      server.close()
      socket.end('no HTTP\r\n\r\n')
    }),
  )
  await expect(call({ url })).rejects.toMatchObject({ code: 'PROCESSOR_RETRY' })
  await expect(call({ url })).rejects.toMatchObject({ code: 'PROCESSOR_RETRY' })
  expect(lines()).toMatchObject([{ reason: 'HTTPParserError' }, { reason: 'ECONNREFUSED' }])
})

async function openWebhook(answer: (server: Server) => void = () => undefined) {
  const server = createServer().listen(0, '127.0.0.1')
  let asked = 0
  server.on('request', () => asked++)
  answer(server)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const written: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => void written.push(line) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    lines: () => written.map((line) => JSON.parse(line) as unknown),
    call: (settings: { readonly url: string; readonly authorizationFile?: string }) =>
      callWebhook(record, settings, () => signal, log),
  }
}
