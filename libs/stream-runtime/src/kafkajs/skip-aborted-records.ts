/**
 * kafkajs 2.2 shows records of aborted transactions when two of them overlap: it takes the broker's list as sorted by first offset (it is
 * sorted by the end of the transactions), and looks at one entry of it per record. The right filter is put in front of it here, into the
 * decoding of every fetch of the process, as soon as this module is loaded: aborted records are passed on as control records, which kafkajs
 * counts in its offsets and never hands over. Contract: Kafka protocol, "aborted_transactions" of the Fetch response.
 */
import { createRequire } from 'node:module'

interface FetchResponse {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[]
}

interface FetchedPartition {
  abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | null
  readonly messages: readonly FetchedRecord[]
}

interface FetchedRecord {
  readonly offset: string
  readonly key: Buffer | null
  isControlRecord?: boolean
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
}

/** The first version of the Fetch request with transactions, and the last that kafkajs speaks. */
const versions = [4, 5, 6, 7, 8, 9, 10, 11]
const require = createRequire(import.meta.url)

for (const version of versions) {
  const response: { decode(data: unknown): Promise<FetchResponse> } = require(
    `kafkajs/src/protocol/requests/fetch/v${version}/response`,
  )
  const { decode } = response
  response.decode = async (data) => {
    const decoded = await decode(data)
    for (const { partitions } of decoded.responses) partitions.forEach(hideAborted)
    return decoded
  }
}

function hideAborted(partition: FetchedPartition): void {
  const aborted = (partition.abortedTransactions ?? []).toSorted((a, b) =>
    Number(BigInt(a.firstOffset) - BigInt(b.firstOffset)),
  )
  partition.abortedTransactions = []
  if (aborted.length === 0) return

  const producers = new Set<string>()
  let next = 0
  for (const record of partition.messages) {
    while (next < aborted.length && BigInt(aborted[next]!.firstOffset) <= BigInt(record.offset))
      producers.add(aborted[next++]!.producerId)
    const { producerId = '', inTransaction = false } = record.batchContext ?? {}
    if (record.isControlRecord && isAbortMarker(record)) producers.delete(producerId)
    else if (inTransaction && producers.has(producerId)) record.isControlRecord = true
  }
}

/** Key of a control record: version (int16), then type (int16), 0 is abort. */
function isAbortMarker({ key }: FetchedRecord): boolean {
  return key !== null && key.readInt16BE(2) === 0
}
