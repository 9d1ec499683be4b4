import { CliError } from '../report-error.ts'
import type { Quarantine } from './cluster.ts'
import { readQuarantine, type Quarantined } from './quarantined.ts'

/** The records at these positions, `partition/offset` in the quarantine or `topic/partition/offset` of the source. Throws QUARANTINE_UNKNOWN. */
export async function findQuarantined(quarantine: Quarantine, positions: readonly string[]): Promise<Quarantined[]> {
  const found = new Map<string, Quarantined>()
  await readQuarantine(
    quarantine,
    {},
    (record) => {
      for (const position of [record.position, record.source])
        if (positions.includes(position)) found.set(position, record)
    },
    () => undefined,
  )
  const missing = positions.filter((position) => !found.has(position))
  if (missing.length > 0)
    throw new CliError(
      'QUARANTINE_UNKNOWN',
      `nothing lies at ${missing.join(', ')} in ${quarantine.topic}: raison quarantine list shows the positions`,
    )
  return [...new Set(positions.map((position) => found.get(position)!))]
}
