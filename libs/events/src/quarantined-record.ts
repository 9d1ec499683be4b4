/** A record that could not be explained, whole. Mirrors schemas/quarantined-record.avsc. */
export interface QuarantinedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | undefined
  readonly value: Buffer | undefined
  readonly headers: Readonly<Record<string, Buffer>>
  /** decode, process or encode. */
  readonly stage: string
  readonly code: string
  readonly message: string
  /** ISO 8601, UTC. */
  readonly firstSeen: string
}
