import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const client = join(import.meta.dirname, '../testing/idle-client.ts')

// kafkajs set a timer of a negative length for each millisecond of an idle connection, and Node warned of it.
test('an idle connection sets no timers and warns of none, in any program that imports the package', async () => {
  const [broker] = inject('kafkaBrokers').split(',')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [client, broker!])
  expect({ timers: Number(stdout), stderr }).toEqual({ timers: 0, stderr: '' })
})
