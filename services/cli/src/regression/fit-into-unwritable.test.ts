import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { learnBaseline } from '../learn-baseline.ts'

const loans = fileURLToPath(new URL('../../../../examples/loan-demo/bundles/loan-xgboost', import.meta.url))

// Every training row was explained first, and then the system's own error was shown.
test('a drift baseline that cannot be written is refused by name, before any row is explained', async () => {
  const bundle = await mkdtemp(join(tmpdir(), 'raison-unwritable-'))
  onTestFinished(() => rm(bundle, { recursive: true }))
  await cp(loans, bundle, { recursive: true })
  await appendFile(join(bundle, 'bundle.yaml'), 'training: { file: reference.csv }\n')
  await writeFile(join(bundle, 'artefacts'), 'a file where the artefacts should be')

  const steps: string[] = []
  const learned = learnBaseline(bundle, { deadline: Infinity, say: ({ step }) => void steps.push(step) })
  await expect(learned).rejects.toMatchObject({ code: 'ARTEFACT_UNWRITABLE' })
  expect(steps).toEqual([])
})
