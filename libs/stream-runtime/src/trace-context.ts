import type { OutputRecord, RawRecord } from './processor.ts'

/** W3C Trace Context: version, trace id, parent id, flags; ids of zeros and version ff are not valid. */
const validParent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const parentLength = 55
/** What the recommendation asks everybody to pass on; more is dropped, so that an output does not grow without bound. */
const mostStateBytes = 512

/** The output with its source's `traceparent` and `tracestate` as they stand; a malformed parent is dropped, and the state with it. */
export function continueTrace(output: OutputRecord, { headers }: RawRecord): OutputRecord {
  const { traceparent, tracestate } = headers
  if (!traceparent || traceparent.length !== parentLength || !validParent.test(traceparent.toString())) return output
  const continued: Record<string, Buffer | string> = { ...output.headers, traceparent }
  if (tracestate && Buffer.byteLength(tracestate) <= mostStateBytes) continued['tracestate'] = tracestate
  return { ...output, headers: continued }
}
