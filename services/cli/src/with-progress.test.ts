import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withProgress } from './with-progress.ts'

const { stderr } = process
const { isTTY } = stderr
let shown: string
beforeEach(() => {
  shown = ''
  vi.useFakeTimers()
  vi.spyOn(stderr, 'write').mockImplementation((text) => ((shown += String(text)), true))
})
afterEach(() => {
  stderr.isTTY = isTTY
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const explainSixteen = (): Promise<void> =>
  withProgress(async (tell) => {
    tell('8 explained')
    await vi.advanceTimersByTimeAsync(500)
    tell('16 explained')
    await vi.advanceTimersByTimeAsync(500)
  })

// `raison explain` ended with "8 explained16 explained".
test('a terminal shows what was told last in the place of what was told before, and nothing in the end', async () => {
  stderr.isTTY = true
  await explainSixteen()
  expect(shown).toBe('\r8 explained\r16 explained\r\x1b[2K')
})

test('work that fails leaves an empty line too', async () => {
  stderr.isTTY = true
  const failure = new Error('cut short')
  await expect(withProgress(() => Promise.reject(failure))).rejects.toBe(failure)
  expect(shown).toBe('\r\x1b[2K')
})

test('what is no terminal is written nothing', async () => {
  stderr.isTTY = false
  await explainSixteen()
  expect(shown).toBe('')
})
