/** The broker tells its own port: clients are to come through the proxy. */
export function pointTo(bytes: Buffer, from: number, to: number): void {
  const port = Buffer.alloc(4)
  port.writeInt32BE(from)
  for (let at = bytes.indexOf(port); at >= 0; at = bytes.indexOf(port, at + 4)) bytes.writeInt32BE(to, at)
}
