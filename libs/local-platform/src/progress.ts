/** Where progress goes, one line at a time. */
export type Say = (line: string) => void

const everyMs = 5_000

/** Says what is being waited for, then every five seconds how long it has taken, until `work` settles. */
export async function withProgress<T>(say: Say, what: string, work: Promise<T>): Promise<T> {
  const start = performance.now()
  const seconds = (): number => Math.round((performance.now() - start) / 1000)
  say(`${what} …`)
  const timer = setInterval(() => say(`… ${seconds()} s`), everyMs)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
