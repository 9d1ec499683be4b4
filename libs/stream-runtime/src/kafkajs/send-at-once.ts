import { createRequire } from 'node:module'
import type { ISocketFactory } from 'kafkajs'

const require = createRequire(import.meta.url)
const createSocketFactory = require('kafkajs/src/network/socketFactory') as () => ISocketFactory
const connect = createSocketFactory()

/**
 * kafkajs's sockets, with Nagle's algorithm off (RFC 896, TCP_NODELAY): kafkajs leaves it on, and a request of two writes then
 * waits for the acknowledgement of its first part, which a receiver may hold back for 40 ms.
 */
export const sendAtOnce: ISocketFactory = (target) => connect(target).setNoDelay(true)
