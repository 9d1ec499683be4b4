import type { ICustomPartitioner } from 'kafkajs'
import murmurhash from 'murmurhash'

const seed = 0x9747b28c
const positive = 0x7fffffff

/**
 * The partitions that kafkajs's own default partitioner and the Java client give to keys, by 32-bit arithmetic: kafkajs
 * computes the hash in objects of 64 bits, at 5 µs a record. Every record of ours has a partition or a key.
 */
export const partitionByKey: ICustomPartitioner =
  () =>
  ({ message, partitionMetadata }) =>
    message.partition ?? (murmurhash.v2(message.key!, seed) & positive) % partitionMetadata.length
