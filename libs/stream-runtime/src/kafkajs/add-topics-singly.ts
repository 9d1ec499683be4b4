/**
 * A broker that refuses one topic of a transaction answers OPERATION_NOT_ATTEMPTED for the others, and kafkajs 2.2 tells whichever comes
 * first. From the moment this module is loaded the topics are then added one after the other, and what the broker says of one is thrown,
 * with its name.
 * Contract: Kafka protocol, "AddPartitionsToTxn" 0–1.
 */
import { createRequire } from 'node:module'
import { errorType } from './missing-right.ts'

interface Addition {
  readonly topics: readonly { readonly topic: string }[]
}

interface Broker {
  addPartitionsToTxn(addition: Addition): Promise<unknown>
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/broker') as { readonly prototype: Broker }
const add = prototype.addPartitionsToTxn

prototype.addPartitionsToTxn = async function (this: Broker, addition) {
  try {
    return await add.call(this, addition)
  } catch (error) {
    if (!/^(TOPIC_AUTHORIZATION_FAILED|OPERATION_NOT_ATTEMPTED)$/.test(errorType(error) ?? '')) throw error
  }
  for (const each of addition.topics)
    await add.call(this, { ...addition, topics: [each] }).catch((error: Error) => {
      throw Object.assign(error, { topic: each.topic })
    })
  return undefined
}
