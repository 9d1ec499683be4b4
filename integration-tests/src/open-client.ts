import { Kafka, logLevel } from 'kafkajs'

/** The brokers of one that asks for nothing, or a client that can say what is asked for. */
export type ClusterOf = readonly string[] | Kafka

export function openClient(cluster: ClusterOf): Kafka {
  if (cluster instanceof Kafka) return cluster
  return new Kafka({ clientId: 'integration-tests', brokers: [...cluster], logLevel: logLevel.NOTHING })
}
