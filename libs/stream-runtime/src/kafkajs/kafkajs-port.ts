import type { Logger } from 'pino'
import type { KafkaPort } from '../kafka-port.ts'
import { createCoordinators } from './coordinators.ts'
import { createGroupConsumer, type GroupConsumer } from './group-consumer.ts'
import { connectKafka, type KafkaConfig } from './kafka-config.ts'
import { orTrouble } from './kafka-trouble.ts'
import { createTableReader } from './table-reader.ts'
import { checkTopics, countPartitions, reachBroker, readPosition, readRecordLimits } from './topics.ts'
import { fenceProducers, transactionalIds, type Compression } from './transactional-producers.ts'

export interface StreamConfig {
  readonly kafka: KafkaConfig
  readonly groupId: string
  readonly inputTopics: readonly string[]
  /** Every topic that the processor writes, the quarantine too. */
  readonly outputTopics: readonly string[]
  /** A member that is silent for so long loses its partitions; 30,000 ms unless said. */
  readonly sessionTimeoutMs?: number
  /** How long a batch that is not full waits for more records: fewer and larger transactions; 0 ms unless said. */
  readonly lingerMs?: number
  /** Of the output topics' batches; `none` unless said. Whoever reads them must know the codec. */
  readonly compression?: Compression
}

/** The runtime's Kafka by kafkajs. Consumer and producers come from one client, which shares the committed positions among them. */
export function openKafka(config: StreamConfig, logger: Logger): KafkaPort {
  const { groupId, inputTopics, outputTopics, sessionTimeoutMs = 30_000, lingerMs = 0, compression = 'none' } = config
  const { brokers } = config.kafka
  const kafka = connectKafka(config.kafka, logger)
  const admin = kafka.admin()
  let limits = new Map<string, number>()
  let group: GroupConsumer | undefined
  const tables = createTableReader(kafka, admin, groupId)
  const coordinators = createCoordinators(kafka, groupId, outputTopics)

  return {
    async start(listener, signal) {
      const warn = (error: Error): void => logger.warn({ reason: error.message }, 'waiting for a Kafka broker')
      const ask = async (): Promise<void> => {
        await orTrouble('looking for the topics', () => checkTopics(admin, [...inputTopics, ...outputTopics]))
        limits = await readRecordLimits(admin, outputTopics, (topic, assumedBytes) =>
          logger.warn({ topic, assumedBytes }, 'max.message.bytes cannot be read, and the default is assumed'),
        )
      }
      if (!(await reachBroker(admin, brokers, ask, warn, signal)) || signal.aborted) return
      listener.seen()
      group = createGroupConsumer(
        kafka,
        { brokers, groupId, topics: inputTopics, sessionTimeoutMs, lingerMs },
        listener,
      )
      await group.start()
    },
    async open(assigned) {
      for (const id of transactionalIds(groupId, assigned))
        await orTrouble(`the end of the last transaction of ${id}`, () => coordinators.settle(id))
      const producers = await fenceProducers(kafka, groupId, assigned, limits, compression)
      const position = await readPosition(admin, coordinators, groupId, assigned)
      const feed = group!.feedFrom(assigned, position)
      return { position, poll: feed.take, begin: producers.begin, close: producers.close }
    },
    readTable: tables.read,
    countPartitions: (topic) => countPartitions(admin, topic),
    confirmMembership: (signal) => group!.nextHeartbeat(signal),
    recordLimits: () => limits,
    async stop() {
      await Promise.allSettled([group?.stop(), tables.close(), coordinators.close(), admin.disconnect()])
    },
  }
}
