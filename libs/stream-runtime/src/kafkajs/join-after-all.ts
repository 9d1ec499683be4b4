/**
 * kafkajs 2.2, expelled from its group, forgets its membership and joins again. When the coordinator's connection closes while it joins, it
 * goes on to fetch as if it had joined, and sends no heartbeat, as it has no membership: nothing ever tells it, and its partitions are
 * fetched no more. From the moment this module is loaded a heartbeat without membership says what a coordinator would say, and kafkajs joins.
 * Contract: kafkajs's `ConsumerGroup`, whose `heartbeat` is called after every fetch, and whose `memberId` is null without membership.
 */
import { createRequire } from 'node:module'

interface ConsumerGroup {
  readonly memberId: string | null
  heartbeat(options: { readonly interval: number }): Promise<void>
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { readonly prototype: ConsumerGroup }
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
const unknownMemberId = 25
const send = prototype.heartbeat

prototype.heartbeat = async function (this: ConsumerGroup, options) {
  if (this.memberId === null) throw createErrorFromCode(unknownMemberId)
  return send.call(this, options)
}
