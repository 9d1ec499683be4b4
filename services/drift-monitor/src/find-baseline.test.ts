import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitBaseline, writeBaseline } from '@raison/drift'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { findBaselineIn } from './find-baseline.ts'

const log = pino({ level: 'silent' })
const rows = Float64Array.from({ length: 40 }, (_, k) => Math.sin(k))
const baseline = writeBaseline(fitBaseline({ features: ['income', 'term'], adverse: 'high', rows }))

test('a baseline that raison fit has left beside a bundle is found by its key', async () => {
  const bundles = await withBaseline('ab12', JSON.stringify({ baselineKey: 'ab12', model: 'loans 1', baseline }))
  expect(findBaselineIn(bundles, log)('ab12')).toEqual(JSON.parse(JSON.stringify(baseline)))
  expect(findBaselineIn(bundles, log)('cd34')).toBeUndefined()
})

test.each([
  ['half of one', '{"baselineKey":'],
  ['another thing', '{"baseline":{"features":["income"]}}'],
])('%s is as good as none', async (_, text) => {
  expect(findBaselineIn(await withBaseline('ab12', text), log)('ab12')).toBeUndefined()
})

test('without a directory there is none', () => {
  expect(findBaselineIn(undefined, log)('ab12')).toBeUndefined()
})

async function withBaseline(key: string, text: string): Promise<string> {
  const bundles = await mkdtemp(join(tmpdir(), 'raison-bundles-'))
  onTestFinished(() => rm(bundles, { recursive: true }))
  await mkdir(join(bundles, 'loans', 'artefacts'), { recursive: true })
  await writeFile(join(bundles, 'loans', 'artefacts', `drift-baseline-${key}.json`), text)
  return bundles
}
