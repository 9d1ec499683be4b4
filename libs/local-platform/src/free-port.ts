import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** `preferred` when nothing on loopback holds it, else any free port. */
export async function freePort(preferred = 0): Promise<number> {
  try {
    return await tryPort(preferred)
  } catch {
    return tryPort(0)
  }
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as AddressInfo
      server.close(() => resolve(found))
    })
  })
}
