import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileKernel, renderKernel } from '../kernel/build-kernel.ts'

describe('the compiled kernel', () => {
  it('is what its sources compile to', async () => {
    const committed = readFileSync(new URL('kernel-bytes.ts', import.meta.url), 'utf8')
    expect(committed === renderKernel(await compileKernel())).toBe(true)
  })
})
