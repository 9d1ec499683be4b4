import { expect, test } from 'vitest'
import { printable } from './printable.ts'

test('what steers a terminal is shown as an escape', () => {
  const steering = 'a\u001b[2Jb\u009b31mc\rd\ne\tf\u007fg\u2028h\u202ei\0'
  expect(printable(steering)).toBe('a\\u001b[2Jb\\u009b31mc\\u000dd\\u000ae\\u0009f\\u007fg\\u2028h\\u202ei\\u0000')
})

test('every other text stays as it is', () => {
  for (const text of ['âge', '所得', 'C:\\data\\u001b', '👩‍👧', 'debt / income ≤ 0.3']) expect(printable(text)).toBe(text)
})
