import { createRandom } from '@raison/numerics'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { cases } from './cases.ts'
import { runCase } from './run-case.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage | undefined
beforeAll(async () => {
  stage = await openStage(1, inject('schemaRegistryUrl'), (line) => process.stderr.write(`${line}\n`))
})
afterAll(() => stage?.close())

describe('every decision is explained or set aside exactly once, in order, and its position committed', () => {
  const short = cases.filter(({ long }) => long !== true)
  test.for(short)('$name: $injects', { timeout: 180_000 }, async (fault) => {
    const result = await runCase(fault, stage!, createRandom(1).uniform, 1000)
    expect(result).toMatchObject({ faultless: true, lost: 0, doubled: 0, outOfOrder: 0, behind: 0 })
    expect(result.decisions).toBeGreaterThanOrEqual(2000)
  })
})
