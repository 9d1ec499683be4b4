import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { registerSchemas } from './register-schemas.ts'
import { fetchSchema } from './registry.ts'

const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

describe('what answers in the registry’s place', () => {
  test.each([
    ['REGISTRY_UNAVAILABLE', 'a proxy’s page', 404, '<html>not here</html>'],
    ['REGISTRY_UNAVAILABLE', 'another service', 404, '{"title":"Not Found","status":404}'],
    ['REGISTRY_UNAVAILABLE', 'a registry that starts', 503, ''],
    ['REGISTRY_UNAVAILABLE', 'a page of welcome', 302, ''],
    ['REGISTRY_REFUSED', 'a registry that knows us not', 401, '{"error_code":40101}'],
    ['REGISTRY_REFUSED', 'a registry that lets us not', 403, '{}'],
    ['SCHEMA_UNKNOWN', 'a registry without the schema', 404, '{"error_code":40403,"message":"Schema 5 not found"}'],
    ['SCHEMA_INCOMPATIBLE', 'another kind of schema', 200, '{"schemaType":"JSON","schema":"{}"}'],
    ['REGISTRY_UNAVAILABLE', 'a page that is well', 200, '{"ok":true}'],
  ])('gets %s: %s', async (code, _, status, body) => {
    const url = await serve((_, response) => response.writeHead(status).end(body))
    await expect(fetchSchema({ url }, 5)).rejects.toMatchObject({ code })
  })

  test('gets REGISTRY_UNAVAILABLE: nothing, a broken line, an address that is none', async () => {
    const broken = await serve((_, response) => response.socket?.destroy())
    for (const url of ['http://127.0.0.1:1', broken, 'registry']) {
      await expect(fetchSchema({ url }, 5)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
      await expect(registerSchemas({ url })).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    }
  })

  test('is named without the password of its address', async () => {
    const reason = fetchSchema({ url: 'http://raison:secret@127.0.0.1:1/path' }, 5).catch(String)
    expect(await reason).toContain('http://127.0.0.1:1/path')
    expect(await reason).not.toContain('secret')
  })
})

test.each([
  ['a user and a password', { username: 'raison', password: 'p:w' }, 'Basic cmFpc29uOnA6dw=='],
  ['a token', { token: 'abc' }, 'Bearer abc'],
])('every question carries %s', async (_, auth, header) => {
  const seen: string[] = []
  const url = await serve((request, response) => {
    seen.push(`${request.method} ${request.headers.authorization}`)
    const known = request.method === 'GET' && request.url?.startsWith('/config/')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(known ? { compatibilityLevel: 'FULL_TRANSITIVE' } : { id: 9, schema: '"null"' }))
  })
  expect(await registerSchemas({ url, auth }, { explained: 'x' })).toEqual({ explained: 9 })
  await fetchSchema({ url: `${url}/`, auth }, 5)
  expect(new Set(seen)).toEqual(new Set([`GET ${header}`, `POST ${header}`]))
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
