// A program of somebody else's that imports the package: it asks a broker, is idle, and says how often it woke meanwhile.
import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import '../index.ts'

const [broker] = process.argv.slice(2)
const admin = new Kafka({ clientId: 'idle', brokers: [broker!], logLevel: logLevel.NOTHING }).admin()
await admin.connect()
await admin.listTopics()
let timers = 0
const set = globalThis.setTimeout
globalThis.setTimeout = ((...args: Parameters<typeof set>) => (timers++, set(...args))) as typeof set
await pause(500)
globalThis.setTimeout = set
process.stdout.write(String(timers))
await admin.disconnect()
