/**
 * kafkajs 2.2 sets a timer of a negative length whenever a connection is idle, and Node ≥ 24 warns each time. This one warning is dropped,
 * for the whole process, as soon as the module is loaded.
 */
const emitWarning = process.emitWarning
process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
  const name = warning instanceof Error ? warning.name : rest[0]
  if (name !== 'TimeoutNegativeWarning') emitWarning.call(process, warning, ...rest)
}) as typeof process.emitWarning
