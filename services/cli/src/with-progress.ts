/** Shows on a terminal what it was told last, twice a second, and wipes it in the end: results and notes begin on an empty line. */
export async function withProgress<T>(work: (tell: (line: string) => void) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => undefined)
  let line = ''
  const timer = setInterval(() => process.stderr.write(`\r${line}`), 500).unref()
  try {
    return await work((now) => void (line = now))
  } finally {
    clearInterval(timer)
    process.stderr.write('\r\x1b[2K')
  }
}
