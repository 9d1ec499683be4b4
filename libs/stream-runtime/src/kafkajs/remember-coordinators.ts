/**
 * kafkajs 2.2 asks for the coordinator before every step of a transaction: four of the nine requests that a transaction takes.
 * The answer is remembered for a second, from the moment this module is loaded. A coordinator that has moved answers so, and
 * kafkajs asks for longer than that before it gives up (kafka-config.ts).
 * Contract: Kafka protocol, "FindCoordinator".
 */
import { createRequire } from 'node:module'

interface Question {
  readonly groupId: string
  readonly coordinatorType: number
}

interface Cluster {
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
  const coordinator = await ask.call(this, question)
  known.set(key, { coordinator, until: performance.now() + rememberedMs })
  return coordinator
}
