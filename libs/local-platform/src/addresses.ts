import { connect } from 'node:net'

/** True when one of the addresses (host:port) accepts a connection within five seconds. */
export const anyConnects = async (addresses: readonly string[]): Promise<boolean> =>
  (await Promise.all(addresses.map(connects))).includes(true)

/** host:port of a URL; empty when it is none. */
export function hostAndPort(url: string): string {
  if (!URL.canParse(url)) return ''
  const { protocol, hostname, port } = new URL(url)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}

function connects(address: string): Promise<boolean> {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(address) ?? []
  if (host === undefined || Number(port) > 65_535) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: 5_000 })
    const settle = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', settle(true)).once('error', settle(false)).once('timeout', settle(false))
  })
}
