import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('docs/errors.md lists every error code, and no other', () => {
  const inCode = globSync('{libs,services}/*/src/**/*.ts', { cwd: root }).flatMap((file) =>
    codesOf(readFileSync(`${root}/${file}`, 'utf8')),
  )
  const inDocs = [...readFileSync(`${root}/docs/errors.md`, 'utf8').matchAll(/^\| `([A-Z_0-9]+)` +\|/gm)].map(
    (match) => match[1]!,
  )

  expect(inCode.length).toBeGreaterThan(20)
  expect(new Set(inDocs).size).toBe(inDocs.length)
  expect(inDocs.toSorted()).toEqual([...new Set(inCode)].toSorted())
})

/** The codes of `const …ErrorCodes = [ … ] as const` and of `type …ErrorCode = '…' | '…'`. */
function codesOf(source: string): string[] {
  const lists = source.matchAll(/ErrorCodes = \[([^\]]*)\] as const|type \w+ErrorCode =((?:\s*\|?\s*'[A-Z_0-9]+')+)/g)
  return [...lists].flatMap(([list]) => [...list.matchAll(/'([A-Z_0-9]+)'/g)].map((match) => match[1]!))
}
