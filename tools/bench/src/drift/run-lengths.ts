import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../places.ts'

/** What `libs/drift/src/run-length.bench.ts` says: the promise where it is tightest, nothing censored. */
export function describeRunLengths(): string {
  console.error('run lengths at the boundary …')
  const said = execFileSync(process.execPath, [join(root, 'libs/drift/src/run-length.bench.ts')], { encoding: 'utf8' })
  return [
    '### The promise at its boundary\n',
    'Independent explanations whose statistics have exactly the largest means that are no drift: the average run length against the',
    'promised one, A. Above, no more than a lower bound can be seen: a stream ends long before 2,000 windows.\n',
    ...said
      .trim()
      .split('\n')
      .map((line) => `- ${line}`),
    '',
  ].join('\n')
}
