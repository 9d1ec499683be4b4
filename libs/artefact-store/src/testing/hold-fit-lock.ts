/** A process that takes the fit lock of a bundle's directory and a key, tells its parent, and holds it while it is silent. */
import { withFitLock } from '../fit-lock.ts'

const [directory, key] = process.argv.slice(2) as [string, string]
await withFitLock(
  directory,
  key,
  () => undefined,
  async () => {
    process.send!('held')
    await new Promise(() => setInterval(() => undefined, 60_000))
  },
)
