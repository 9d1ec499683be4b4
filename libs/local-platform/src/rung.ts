/** One way of running a broker and a registry that end with this process. */
export interface Rung {
  /** Completes "Kafka 4.4.0 and … in/on". */
  readonly where: string
  startKafka(): Promise<RunningServer>
  startRegistry(): Promise<RunningServer>
}

export interface RunningServer {
  /** host:port of a broker, URL of a registry. */
  readonly address: string
  /** Ends it and removes its data. */
  stop(): Promise<void>
}
