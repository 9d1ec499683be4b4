import { readdirSync, writeFileSync } from 'node:fs'
import { appendFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRandom } from '@raison/numerics'
import { expect, onTestFinished, test } from 'vitest'
import { fitBundle } from './fit-bundle.ts'
import type { FitStep } from './fit-context.ts'
import { drawHeldOut } from './held-out.ts'
import { spread, tanhNet, writeBundle } from './small-nets.test-data.ts'

const featureCount = 11

test('a fit that was cut short goes on in any other time: the rows it may measure on are the same', async () => {
  const directory = await cutShort()
  expect((await fit(directory, 2)).resumed).toBe(true)
  expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a fit of other rows does not go on where one was cut short, for it may measure on rows that that one has seen', async () => {
  const directory = await cutShort()
  // Beyond the rows that are used as reference: the model, the reference and so the key are the same.
  await appendFile(join(directory, 'training.csv'), `${spread(featureCount, 1).join(',')}\n`)
  expect((await fit(directory, 2)).resumed).toBe(false)
})

test('a fifth of the rows is held out, 64 at most, and no row is on both sides', () => {
  for (const [rowCount, heldOutCount] of [
    [5, 1],
    [100, 20],
    [1000, 64],
  ] as const) {
    const rows = Float32Array.from({ length: rowCount }, (_, k) => k)
    const { fitRows, heldOut } = drawHeldOut({ rows, rowCount }, createRandom(1))
    expect(heldOut.rowCount).toBe(heldOutCount)
    expect([...fitRows.rows, ...heldOut.rows].sort((a, b) => a - b)).toEqual([...rows])
  }
})

/** A bundle whose fit ended after its network: something came to lie in the place of its artefact. */
async function cutShort(): Promise<string> {
  const reference = spread(featureCount * 40, 2)
  const training = Array.from({ length: 60 }, (_, k) => spread(featureCount, 1 + k / 60).join(','))
  const directory = await writeBundle({ model: tanhNet(featureCount, 4, 0.4), reference, featureCount, training })
  onTestFinished(() => rm(directory, { recursive: true }))
  const artefacts = join(directory, 'artefacts')
  const obstruct = ({ step }: FitStep): void => {
    const [lock] = readdirSync(artefacts).filter((name) => name.endsWith('.fitting'))
    if (step.startsWith('measuring')) writeFileSync(join(artefacts, lock!.replace('fitting', '0.raison')), '')
  }
  await expect(fit(directory, 1, obstruct)).rejects.toMatchObject({ code: 'ARTEFACT_UNREADABLE' })
  await rm(artefacts, { recursive: true })
  return directory
}

/** By a clock on which a minute is soon over. */
function fit(directory: string, maxMinutes: number, say: (progress: FitStep) => void = () => undefined) {
  let now = 0
  return fitBundle(directory, { maxMinutes, say, now: () => (now += 2_000) })
}
