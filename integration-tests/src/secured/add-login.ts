/**
 * Adds a login of SCRAM-SHA-512. kafkajs 2.2 does not know the request. Contract: Kafka protocol, "AlterUserScramCredentials" 0
 * (KIP-554), and RFC 5802 for the salted password.
 */
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'

interface Encoder {
  writeInt8(value: number): Encoder
  writeInt32(value: number): Encoder
  writeUVarInt(value: number): Encoder
  writeUVarIntString(value: string): Encoder
  writeUVarIntBytes(value: Buffer): Encoder
}

interface Decoder {
  readInt16(): number
  readInt32(): number
  readUVarIntString(): string | null
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[]
  readTaggedFields(): void
}

interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findControllerBroker(): Promise<{ readonly connectionPool: { send(call: object): Promise<readonly number[]> } }>
}

const require = createRequire(import.meta.url)
const NewEncoder = require('kafkajs/src/protocol/encoder') as new () => Encoder
const NewDecoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder

const [scramSha512, iterations] = [2, 4096]
/** Before an array: so many elements and one. Behind a structure: none of the optional fields. */
const [none, one, noTags] = [1, 2, 0]

export async function addLogin(admin: Kafka, username: string, password: string): Promise<void> {
  const cluster = createCluster(admin)
  await cluster.connect()
  try {
    await cluster.refreshMetadata()
    const broker = await cluster.findControllerBroker()
    const codes = await broker.connectionPool.send(alterScram(username, password))
    if (codes.some((code) => code !== 0))
      throw new Error(`no login for ${username}: error ${codes.join()} of the broker`)
  } finally {
    await cluster.disconnect()
  }
}

function alterScram(username: string, password: string): object {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, iterations, 64, 'sha512')
  return {
    request: {
      apiKey: 51,
      apiVersion: 0,
      apiName: 'AlterUserScramCredentials',
      async encode() {
        const to = new NewEncoder().writeUVarInt(noTags)
        to.writeUVarInt(none)
          .writeUVarInt(one)
          .writeUVarIntString(username)
          .writeInt8(scramSha512)
          .writeInt32(iterations)
        return to.writeUVarIntBytes(salt).writeUVarIntBytes(salted).writeUVarInt(noTags).writeUVarInt(noTags)
      },
    },
    response: {
      async decode(bytes: Buffer) {
        const from = new NewDecoder(bytes)
        from.readTaggedFields()
        from.readInt32() // throttle time
        return from.readUVarIntArray(() => {
          from.readUVarIntString()
          const code = from.readInt16()
          from.readUVarIntString()
          from.readTaggedFields()
          return code
        })
      },
      parse: async (codes: readonly number[]) => codes,
    },
  }
}

/** kafkajs shows its clusters to its own clients only. */
function createCluster(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith(':createCluster'))
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create!]!({ metadataMaxAge: 300_000 })
}
