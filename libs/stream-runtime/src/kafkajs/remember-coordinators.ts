/**
 * kafkajs 2.2 asks for the coordinator before every step of a transaction: four of the nine requests that a transaction takes.
 * The answer is remembered for a second, from the moment this module is loaded. A coordinator that has moved answers so, and
 * kafkajs asks for longer than that before it gives up (kafka-config.ts).
 * Contract: Kafka protocol, "FindCoordinator".
 *
 * kafkajs also keeps to itself why there is no answer. Where a login lacks the right, that is thrown.
 */
import { createRequire } from 'node:module'
import { missingRight } from './missing-right.ts'

interface Question {
  readonly groupId: string
  readonly coordinatorType: number
}

interface Cluster {
  getNodeIds(): readonly string[]
  findBroker(of: { readonly nodeId: string }): Promise<{ findGroupCoordinator(question: Question): Promise<unknown> }>
  findGroupCoordinatorMetadata(question: Question): Promise<unknown>
}

const rememberedMs = 1000

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/cluster') as { readonly prototype: Cluster }
const ask = prototype.findGroupCoordinatorMetadata
const answers = new WeakMap<Cluster, Map<string, { readonly coordinator: unknown; readonly until: number }>>()

prototype.findGroupCoordinatorMetadata = async function (this: Cluster, question) {
  const known = answers.get(this) ?? new Map()
  answers.set(this, known)
  const key = `${question.coordinatorType} ${question.groupId}`
  const answer = known.get(key)
  if (answer !== undefined && performance.now() < answer.until) return answer.coordinator
  const coordinator = await ask.call(this, question).catch((error: unknown) => throwReason(this, question, error))
  known.set(key, { coordinator, until: performance.now() + rememberedMs })
  return coordinator
}

async function throwReason(cluster: Cluster, question: Question, unnamed: unknown): Promise<never> {
  for (const nodeId of cluster.getNodeIds()) {
    const answered = cluster.findBroker({ nodeId }).then((broker) => broker.findGroupCoordinator(question))
    const reason: unknown = await answered.catch((error: unknown) => error)
    if (reason instanceof Error && missingRight(reason, '') !== undefined) throw reason
  }
  throw unnamed
}
