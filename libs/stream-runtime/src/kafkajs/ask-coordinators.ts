/**
 * Two questions to coordinators that kafkajs 2.2 does not know. Contract: Kafka protocol, "DescribeTransactions" 0 (KIP-664) and
 * "OffsetFetch" 7 with require_stable (KIP-447).
 */
import { createRequire } from 'node:module'
import type { TopicPartition } from '../kafka-port.ts'

/** kafkajs's connection to one broker. */
export interface Broker {
  /** Of the requests that it understands, by number. */
  readonly versions: Readonly<Record<number, unknown>>
  readonly connectionPool: { send<Answer>(call: Call<Answer>): Promise<Answer> }
  initProducerId(of: { transactionalId: string; transactionTimeout: number }): Promise<ProducerIdentity>
  addPartitionsToTxn(of: InTransaction & { topics: readonly PartitionsOf[] }): Promise<unknown>
  addOffsetsToTxn(of: InTransaction & { groupId: string }): Promise<unknown>
  endTxn(of: InTransaction & { transactionResult: boolean }): Promise<unknown>
}

export interface ProducerIdentity {
  readonly producerId: string
  readonly producerEpoch: number
}

export interface InTransaction extends ProducerIdentity {
  readonly transactionalId: string
}

export interface PartitionsOf {
  readonly topic: string
  readonly partitions: readonly number[]
}

interface Call<Answer> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    encode(): unknown
  }
  readonly response: { decode(bytes: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> }
}

interface Encoder {
  writeInt8(value: number): Encoder
  writeInt32(value: number): Encoder
  writeUVarInt(value: number): Encoder
  writeUVarIntString(value: string): Encoder
}

interface Decoder {
  readInt16(): number
  readInt32(): number
  readInt64(): { toString(): string }
  readUVarIntString(): string | null
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[]
  readTaggedFields(): void
}

const require = createRequire(import.meta.url)
const NewEncoder = require('kafkajs/src/protocol/encoder') as new () => Encoder
const NewDecoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }

const describeTransactions = 65
const offsetFetch = 9
const [concurrentTransactions, unknownTransactionalId] = [51, 105]
/** Before an array or behind a structure: so many elements and one, none of the optional fields. */
const [one, noTags] = [2, 0]

/** The last transaction of an id, and the producer that it was of. */
export interface TransactionState extends ProducerIdentity {
  /** `Empty`, `Ongoing`, `PrepareCommit`, `CompleteCommit`, … */
  readonly state: string
}

/** Undefined of an id that is not known, or from a broker before Kafka 3.0. */
export async function askTransaction(broker: Broker, transactionalId: string): Promise<TransactionState | undefined> {
  if (broker.versions[describeTransactions] === undefined) return undefined
  const { code, ...transaction } = await ask(broker, [describeTransactions, 0, 'DescribeTransactions'], {
    write: (to) => to.writeUVarInt(one).writeUVarIntString(transactionalId).writeUVarInt(noTags),
    read(from) {
      from.readInt32() // throttle time
      const [described] = from.readUVarIntArray(() => {
        const code = from.readInt16()
        from.readUVarIntString()
        const state = from.readUVarIntString()!
        return { code, state, ...readProducer(from) }
      })
      return described!
    },
  })
  if (code === unknownTransactionalId) return undefined
  if (code !== 0) throw createErrorFromCode(code)
  return transaction
}

/**
 * As `askTransaction`, of a transaction that is not about to end: Kafka may forget to write its ends yet, and who takes the id then
 * aborts what was committed. Throws CONCURRENT_TRANSACTIONS.
 */
export async function askEndedTransaction(
  broker: Broker,
  transactionalId: string,
): Promise<TransactionState | undefined> {
  const last = await askTransaction(broker, transactionalId)
  if (last?.state.startsWith('Prepare')) throw createErrorFromCode(concurrentTransactions)
  return last
}

function readProducer(from: Decoder): ProducerIdentity {
  from.readInt32() // its timeout
  from.readInt64() // when it began
  const producerId = from.readInt64().toString()
  const producerEpoch = from.readInt16()
  from.readUVarIntArray(() => {
    from.readUVarIntString()
    from.readUVarIntArray(() => from.readInt32())
    from.readTaggedFields()
  })
  from.readTaggedFields()
  return { producerId, producerEpoch }
}

/**
 * The group's committed position, −1 where there is none; undefined when the broker says nothing of the partition. Throws
 * UNSTABLE_OFFSET_COMMIT while a transaction with a position of it has no end.
 */
export async function askStablePosition(
  broker: Broker,
  groupId: string,
  { topic, partition }: TopicPartition,
): Promise<string | undefined> {
  const { code, topics } = await ask(broker, [offsetFetch, 7, 'OffsetFetch'], {
    write(to) {
      to.writeUVarIntString(groupId).writeUVarInt(one).writeUVarIntString(topic)
      to.writeUVarInt(one).writeInt32(partition).writeUVarInt(noTags)
      to.writeInt8(1).writeUVarInt(noTags) // require_stable
    },
    read(from) {
      from.readInt32() // throttle time
      const topics = from.readUVarIntArray(() => {
        from.readUVarIntString()
        const partitions = from.readUVarIntArray(() => readPartition(from))
        from.readTaggedFields()
        return partitions
      })
      return { topics, code: from.readInt16() }
    },
  })
  const told = topics.flat().find((each) => each.partition === partition)
  const failure = [code, told?.code ?? 0].find((each) => each !== 0)
  if (failure !== undefined) throw createErrorFromCode(failure)
  return told?.position
}

function readPartition(from: Decoder): { partition: number; position: string; code: number } {
  const partition = from.readInt32()
  const position = from.readInt64().toString()
  from.readInt32() // epoch of the leader
  from.readUVarIntString()
  const code = from.readInt16()
  from.readTaggedFields()
  return { partition, position, code }
}

interface Question<Answer> {
  write(to: Encoder): void
  read(from: Decoder): Answer
}

/** Both are of the newer kind, whose heads end in optional fields. */
function ask<Answer>(
  broker: Broker,
  [apiKey, apiVersion, apiName]: readonly [number, number, string],
  { write, read }: Question<Answer>,
): Promise<Answer> {
  return broker.connectionPool.send({
    request: {
      apiKey,
      apiVersion,
      apiName,
      async encode() {
        const to = new NewEncoder().writeUVarInt(noTags)
        write(to)
        return to
      },
    },
    response: {
      async decode(bytes) {
        const from = new NewDecoder(bytes)
        from.readTaggedFields()
        return read(from)
      },
      parse: async (answer) => answer,
    },
  })
}
