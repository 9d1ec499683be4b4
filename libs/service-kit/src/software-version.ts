import { readFileSync } from 'node:fs'

/** Version of Raison, as events say it. */
export const softwareVersion: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
