/** RIGHT_MISSING for what a broker does not allow; any other error as it is. Kafka's client is loaded only where it has thrown. */
export async function nameRefusal(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return error
  const { missingRight } = await import('@raison/stream-runtime')
  return missingRight(error, 'refused by Kafka') ?? error
}
