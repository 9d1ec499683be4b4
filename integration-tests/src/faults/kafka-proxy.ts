import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

/** Kafka's own numbers. */
export const api = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  createTopics: 19,
  initProducerId: 22,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const

/** One message between a client and a broker. */
export interface Frame {
  readonly kind: 'request' | 'response'
  readonly api: number
  readonly version: number
  /** The client's own name, of the request; its response has it too. */
  readonly clientId: string
  /** Without the length in front. May be changed in place. */
  readonly bytes: Buffer
  /** For a response, the request it answers. */
  readonly request: Buffer
}

/** `cut` closes the connection instead; `drop` loses this frame alone; a promise delays what comes behind it, too. */
export type Verdict = 'pass' | 'drop' | 'cut'
export type Meddle = (frame: Frame) => Verdict | Promise<Verdict>

export interface Proxy {
  readonly port: number
  /** Where connections that are opened from now on lead. */
  target: number
  /** What is done with every frame. */
  meddle: Meddle
  /** Refuses new connections and cuts the open ones while true. */
  refuse(refused: boolean): void
  close(): Promise<void>
}

/** Between Kafka clients and one broker, frame by frame; `raw` for any other protocol, which is only passed on. */
export async function openProxy(protocol: 'kafka' | 'raw' = 'kafka'): Promise<Proxy> {
  const open = new Set<Socket>()
  let refusing = false
  const server = createServer((client) => {
    if (refusing) return void client.destroy()
    const broker = createConnection(proxy.target, '127.0.0.1')
    const pair = [client, broker]
    for (const socket of pair) {
      open.add(socket.setNoDelay(true))
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        pair.forEach((each) => each.destroy())
      })
    }
    if (protocol === 'raw') return void client.pipe(broker).pipe(client)
    join(client, broker, proxy)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    target: 0,
    meddle: () => 'pass',
    refuse(refused) {
      refusing = refused
      if (refused) open.forEach((socket) => socket.destroy())
    },
    close: () => {
      open.forEach((socket) => socket.destroy())
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return proxy
}

interface Asked {
  readonly api: number
  readonly version: number
  readonly clientId: string
  readonly request: Buffer
}

function join(client: Socket, broker: Socket, proxy: Proxy): void {
  const asked = new Map<number, Asked>()
  passFrames(client, broker, proxy, (bytes) => {
    const request: Asked = {
      api: bytes.readInt16BE(0),
      version: bytes.readInt16BE(2),
      clientId: bytes.toString('utf8', 10, 10 + Math.max(0, bytes.readInt16BE(8))),
      request: bytes,
    }
    asked.set(bytes.readInt32BE(4), request)
    return { kind: 'request', bytes, ...request }
  })
  passFrames(broker, client, proxy, (bytes) => {
    const correlation = bytes.readInt32BE(0)
    const request = asked.get(correlation)
    asked.delete(correlation)
    return request && { kind: 'response', bytes, ...request }
  })
}

/** In order: a frame that is delayed holds up those behind it. */
function passFrames(from: Socket, to: Socket, proxy: Proxy, read: (bytes: Buffer) => Frame | undefined): void {
  let rest = Buffer.alloc(0)
  let passed = Promise.resolve()
  from.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const size = 4 + rest.readInt32BE(0)
      const frame = Buffer.from(rest.subarray(0, size))
      rest = rest.subarray(size)
      passed = passed.then(() => passOne(frame))
    }
  })
  async function passOne(whole: Buffer): Promise<void> {
    const frame = read(whole.subarray(4))
    const verdict = frame === undefined ? 'pass' : await proxy.meddle(frame)
    if (verdict === 'cut') from.destroy()
    if (verdict === 'pass' && !to.destroyed) to.write(whole)
  }
}

/** Whether an EndTxn request commits; its flag is the last byte but for the empty tag section of newer versions. */
export function isCommit({ api: key, version, request }: Frame): boolean {
  return key === api.endTxn && request.at(version >= 3 ? -2 : -1) === 1
}

/** Whether this is the broker's word that a transaction is committed. */
export function isCommitted(frame: Frame): boolean {
  if (frame.kind !== 'response' || !isCommit(frame)) return false
  return frame.bytes.readInt16BE(frame.version >= 3 ? 9 : 8) === 0
}

/** The explainer has no setting for these two, and a test has no time for their usual length: they are shortened on the way. */
export function shortenTimeouts(
  { kind, api: key, version, bytes }: Frame,
  sessionMs: number,
  transactionMs: number,
): void {
  if (kind !== 'request') return
  const afterClientId = 10 + Math.max(0, bytes.readInt16BE(8))
  if (key === api.joinGroup && version <= 5)
    bytes.writeInt32BE(sessionMs, afterClientId + 2 + bytes.readInt16BE(afterClientId))
  if (key === api.initProducerId && version <= 1)
    bytes.writeInt32BE(transactionMs, afterClientId + 2 + Math.max(0, bytes.readInt16BE(afterClientId)))
}
