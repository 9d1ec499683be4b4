declare module 'vitest' {
  /** What `inject(…)` hands to the tests of a run that has the shared platform. */
  interface ProvidedContext {
    /** host:port, comma-separated, as in KAFKA_BROKERS. */
    kafkaBrokers: string
    schemaRegistryUrl: string
    /** Why there is none; every test file that needs it then fails with these words. */
    platformFailure: string | undefined
  }
}

export {}
