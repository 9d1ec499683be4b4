/**
 * kafkajs 2.2 looks for requests that wait after every answer, and sets a timer to look again where none does: of a negative length, which
 * Node takes for 1 ms and, from 24 on, warns of. Every connection so wakes the process a thousand times a second. From the moment this module
 * is loaded the timer is set only while a request waits; one that comes later sets it itself.
 * Contract: kafkajs's `RequestQueue`, which calls this after each request that has to wait, and after each answer.
 */
import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }
const schedule = prototype.scheduleCheckPendingRequests

prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this)
}
