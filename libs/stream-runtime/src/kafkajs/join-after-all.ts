/**
 * kafkajs 2.2 that fails to join its group again, as the coordinator's connection closes or a coordinator that has just come is loading,
 * goes on to fetch as if it had joined. Expelled, it sends no heartbeat, as it has no membership; else its old membership may go on.
 * Either way nothing tells it to join, and whoever has been told to give its partitions up waits for others for ever. From the moment
 * this module is loaded a heartbeat after a join that has failed says what a coordinator would say of a new generation, and kafkajs joins.
 * Contract: kafkajs's `ConsumerGroup`, whose `joinAndSync` rejects when it has failed, and whose `heartbeat` is called after every fetch.
 */
import { createRequire } from 'node:module'

interface ConsumerGroup {
  joinAndSync(): Promise<void>
  heartbeat(options: { readonly interval: number }): Promise<void>
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { readonly prototype: ConsumerGroup }
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
const rebalanceInProgress = 27
const { joinAndSync, heartbeat } = prototype
const joined = new WeakSet<ConsumerGroup>()

prototype.joinAndSync = async function (this: ConsumerGroup) {
  joined.delete(this)
  await joinAndSync.call(this)
  joined.add(this)
}

prototype.heartbeat = async function (this: ConsumerGroup, options) {
  if (!joined.has(this)) throw createErrorFromCode(rebalanceInProgress)
  return heartbeat.call(this, options)
}
