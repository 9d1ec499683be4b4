import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.ts'

/** Real credit models, which are not part of the repository; undefined, and said so, when they are not at hand. */
export function findGolden(): string | undefined {
  const golden = process.env['RAISON_GOLDEN_DIR'] ?? join(root, '../shared/golden')
  if (existsSync(golden)) return golden
  console.error(`Real models skipped: there is no ${golden} (RAISON_GOLDEN_DIR names another place)`)
  return undefined
}
