import { CliError } from '../report-error.ts'
import type { Quarantine } from './cluster.ts'
import { readQuarantine, type Quarantined } from './quarantined.ts'

/**
 * The records at these positions, `partition/offset` in the quarantine or `topic/partition/offset` of the source. Throws
 * QUARANTINE_UNKNOWN, and RECORD_UNREADABLE where what lies there cannot be decoded.
 */
export async function findQuarantined(quarantine: Quarantine, positions: readonly string[]): Promise<Quarantined[]> {
  const found = new Map<string, Quarantined>()
  const unreadable = new Map<string, string>()
  await readQuarantine(
    quarantine,
    {},
    (record) => {
      for (const position of [record.position, record.source])
        if (positions.includes(position)) found.set(position, record)
    },
    (position, { message }) => unreadable.set(position, message),
  )
  const broken = positions.find((position) => unreadable.has(position))
  if (broken !== undefined)
    throw new CliError(
      'RECORD_UNREADABLE',
      `${broken} is no quarantined record that can be read: ${unreadable.get(broken)}`,
    )
  const missing = positions.filter((position) => !found.has(position))
  if (missing.length > 0)
    throw new CliError(
      'QUARANTINE_UNKNOWN',
      `nothing lies at ${missing.join(', ')} in ${quarantine.topic}: raison quarantine list shows the positions`,
    )
  return [...new Set(positions.map((position) => found.get(position)!))]
}
