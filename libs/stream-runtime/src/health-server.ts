import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Health } from './health.ts'

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * GET /health/live and /health/ready: 200 or 503, with the whole health as JSON; /metrics by `answerMetrics`, where there is
 * one. Port 0 takes a free one; loopback unless told.
 */
export async function serveHealth(
  health: () => Health,
  port: number,
  host = '127.0.0.1',
  answerMetrics?: RequestListener,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics' && answerMetrics !== undefined) return answerMetrics(request, response)
    const answer = health()
    const healthy = { '/health/live': answer.live, '/health/ready': answer.ready }[request.url ?? '']
    response.writeHead(healthy === undefined ? 404 : healthy ? 200 : 503, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
