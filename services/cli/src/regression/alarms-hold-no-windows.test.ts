import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '@raison/numerics'
import { expect, onTestFinished, test } from 'vitest'
import { readBaselines } from '../drift/baselines.ts'
import { watchFile } from '../drift/watch-file.ts'

// Each kept its window, hundreds of kilobytes: where a million explanations had drifted, that was a gigabyte.
test('an alarm keeps of its window no more than the counts of one statistic', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'raison-alarms-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const [calm, drifted] = [join(directory, 'calm.jsonl'), join(directory, 'drifted.jsonl')]
  await writeFile(calm, explanations(2000, 1))
  await writeFile(drifted, explanations(500, 5))

  const { byKey } = await readBaselines(calm, [], () => {})
  const { keys } = await watchFile(drifted, byKey, { window: 100, runLength: 50, byKey: false }, () => {})
  const { alarms } = keys[0]!
  expect(alarms.length).toBeGreaterThan(1)
  for (const { counts } of alarms) {
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100)
    expect(counts.buffer.byteLength).toBeLessThanOrEqual(4096)
  }
})

function explanations(count: number, times: number): string {
  const random = createRandom(times)
  const line = () => {
    const contributions = Array.from({ length: 5 }, (_, i) => {
      return { feature: `f${i}`, value: 1, contribution: random.normal() * (i === 0 ? times : 1) }
    })
    const [model, reference, budget] = [{ name: 'm', version: '1', sha256: 'm' }, { sha256: 'r' }, { rows: 0 }]
    const rest = { status: 'OK', adverse: 'high', space: 'log-odds', method: 'exact-trees', quality: {} }
    return `${JSON.stringify({ ...rest, model, reference, budget, contributions })}\n`
  }
  return Array.from({ length: count }, line).join('')
}
