import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashOf } from './hash-of.ts'

const count = 200_000

test.each([
  ['counted', (k: number) => `explanation-${k}`],
  ['counted with zeros', (k: number) => String(k).padStart(64, '0')],
  ['hashes', (k: number) => createHash('sha256').update(String(k)).digest('hex')],
  ['times and counts', (k: number) => `2026-11-28T10:00:00.${k % 1000}Z/${k}`],
])('ids that are %s have hashes of their own, spread over all 48 bits', (_, idOf) => {
  const hashes = Array.from({ length: count }, (_, k) => hashOf(idOf(k)))
  expect(new Set(hashes).size).toBe(count)
  const mean = hashes.reduce((sum, one) => sum + one, 0) / count / 2 ** 48
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count))
  for (let bit = 0; bit < 48; bit++) {
    const set = hashes.filter((one) => Math.floor(one / 2 ** bit) % 2 === 1).length
    expect(Math.abs(set / count - 0.5), `bit ${bit}`).toBeLessThan(5 / Math.sqrt(4 * count))
  }
})

test('the hash of an id does not change from version to version: it is kept', () => {
  expect([hashOf(''), hashOf('explanation-7')]).toEqual([242683283934595, 229023208116857])
})
