import { Kafka, logLevel } from 'kafkajs'
import { startCluster, type Cluster } from '@raison/local-platform'
import { openProxy, type Proxy } from './kafka-proxy.ts'

/** A cluster that can be harmed: clients reach each broker, and the registry, only through a proxy. */
export interface Stage {
  readonly cluster: Cluster
  /** One in front of each broker. */
  readonly proxies: readonly Proxy[]
  readonly registry: Proxy
  /** The registry behind its proxy. */
  readonly registryUrl: string
  /** Past the proxies. */
  readonly direct: readonly string[]
  readonly directRegistryUrl: string
  close(): Promise<void>
}

/** Dead members, timed-out transactions and lost leaders are noticed in seconds, not minutes. */
const impatient = {
  'group.min.session.timeout.ms': '2000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
}

/** Of three brokers, each record is on all and acknowledged by two. */
const replicated = {
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
}

export async function openStage(brokers: 1 | 3, registryUrl: string, say: (line: string) => void): Promise<Stage> {
  const proxies = await Promise.all(Array.from({ length: brokers }, () => openProxy()))
  const registry = await openProxy('raw')
  const address = new URL(registryUrl)
  registry.target = Number(address.port)
  address.port = String(registry.port)
  const cluster = await startCluster({
    advertised: proxies.map(({ port }) => port),
    settings: { ...impatient, ...(brokers === 3 && replicated) },
    say,
    env: process.env,
  })
  proxies.forEach((proxy, k) => (proxy.target = cluster.nodes[k]!.port))
  return {
    cluster,
    proxies,
    registry,
    registryUrl: address.href,
    direct: cluster.nodes.map(({ direct }) => direct),
    directRegistryUrl: registryUrl,
    async close() {
      await Promise.all([...proxies, registry].map((proxy) => proxy.close()))
      await cluster.stop()
    },
  }
}

export const openClient = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'faults', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 30 } })
