import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBaseline, type BaselineRecord } from '@raison/drift'
import type { FindBaseline } from '@raison/monitoring'
import type { Logger } from 'pino'

/** The baselines that `raison fit` has written beside the bundles of a directory; one that cannot be read is said and left. */
export function findBaselineIn(bundles: string | undefined, log: Logger): FindBaseline {
  if (bundles === undefined) return () => undefined
  return (baselineKey) => {
    const [file] = globSync(`*/artefacts/drift-baseline-${baselineKey}.json`, { cwd: bundles }).sort()
    if (file === undefined) return undefined
    try {
      const { baseline } = JSON.parse(readFileSync(join(bundles, file), 'utf8')) as { baseline: BaselineRecord }
      readBaseline(baseline)
      return baseline
    } catch (error) {
      log.warn({ file, reason: (error as Error).message }, 'no baseline: one is learned from the stream')
      return undefined
    }
  }
}
