import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAuthority, type Certificate } from './authority.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A registry behind a gateway that speaks TLS only, and asks for a login (RFC 7617). */
export interface SecuredRegistry {
  /** The settings of a service or command that is let in. */
  readonly env: Readonly<Record<string, string>>
  /** From now on it takes another password, or shows another certificate; without one, those of `env`. */
  change(to?: { readonly password?: string; readonly certificate?: Certificate }): void
  /** Of the authority that `env` trusts. */
  issue(days: number): Promise<Certificate>
}

/** The gateway ends with the test. */
export async function openSecuredRegistry(registryUrl: string): Promise<SecuredRegistry> {
  const authority = await createAuthority('authority-of-the-registry')
  const own = { password: 'a pass:word', certificate: await authority.issue('registry') }
  let { password } = own
  const server = createServer(own.certificate, (incoming, outgoing) => {
    const { method, headers, url } = incoming
    const login = `Basic ${Buffer.from(`raison:${password}`).toString('base64')}`
    if (headers.authorization !== login) return void outgoing.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    const forward = request(new URL(url!, registryUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forward)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())

  const directory = await temporaryDirectory()
  const [ca, passwordFile] = [join(directory, 'ca.pem'), join(directory, 'password')]
  await writeFile(ca, authority.ca)
  await writeFile(passwordFile, `${password}\n`)
  const { port } = server.address() as AddressInfo
  return {
    env: {
      SCHEMA_REGISTRY_URL: `https://127.0.0.1:${port}${new URL(registryUrl).pathname}`,
      SCHEMA_REGISTRY_CA: ca,
      SCHEMA_REGISTRY_USERNAME: 'raison',
      SCHEMA_REGISTRY_PASSWORD_FILE: passwordFile,
    },
    change(to = {}) {
      password = to.password ?? own.password
      server.setSecureContext(to.certificate ?? own.certificate)
    },
    issue: (days) => authority.issue('registry', days),
  }
}
