/**
 * kafkajs 2.2 asks for the coordinator before every step of a transaction: four of the nine requests that a transaction takes.
 * The answer is remembered for a second, from the moment this module is loaded. A coordinator that has moved answers so, and
 * kafkajs asks for longer than that before it gives up (kafka-config.ts).
 * Contract: Kafka protocol, "FindCoordinator".
 *
 * kafkajs also keeps to itself why no broker names one. Where a right is missing, that is thrown.
 */
import { createRequire } from 'node:module'
import { missingRight } from './missing-right.ts'

interface Question {
  readonly groupId: string
  readonly coordinatorType: number
}

interface Cluster {
  findGroupCoordinatorMetadata(question: Question): Promise<unknown>
}

interface Broker {
  findGroupCoordinator(question: Question): Promise<unknown>
}

const rememberedMs = 1000

const require = createRequire(import.meta.url)
const { prototype: cluster } = require('kafkajs/src/cluster') as { readonly prototype: Cluster }
const { prototype: broker } = require('kafkajs/src/broker') as { readonly prototype: Broker }
const [ask, askOne] = [cluster.findGroupCoordinatorMetadata, broker.findGroupCoordinator]
const answers = new WeakMap<Cluster, Map<string, { readonly coordinator: unknown; readonly until: number }>>()
/** From a broker's answer until the cluster's question ends. */
const refusals = new Map<string, unknown>()

cluster.findGroupCoordinatorMetadata = async function (this: Cluster, question) {
  const known = answers.get(this) ?? new Map()
  answers.set(this, known)
  const key = keyOf(question)
  const answer = known.get(key)
  if (answer !== undefined && performance.now() < answer.until) return answer.coordinator
  try {
    const coordinator = await ask.call(this, question)
    known.set(key, { coordinator, until: performance.now() + rememberedMs })
    return coordinator
  } catch (error) {
    throw refusals.get(key) ?? error
  } finally {
    refusals.delete(key)
  }
}

broker.findGroupCoordinator = async function (this: Broker, question) {
  try {
    return await askOne.call(this, question)
  } catch (error) {
    if (missingRight(error, '') !== undefined) refusals.set(keyOf(question), error)
    throw error
  }
}

function keyOf({ coordinatorType, groupId }: Question): string {
  return `${coordinatorType} ${groupId}`
}
