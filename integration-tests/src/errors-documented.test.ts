import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = globSync('{libs,services}/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] }).map((file) =>
  readFileSync(`${root}/${file}`, 'utf8'),
)
const problems = sources.flatMap((source) => codesIn(source, /type ProblemCode =((?:\s*\|?\s*'[A-Z_0-9]+')+)/g))

test('docs/errors.md lists every error code, and no other, whether an error has it or a log or counter alone', () => {
  const ofErrors = sources.flatMap((source) =>
    codesIn(source, /ErrorCodes = \[([^\]]*)\] as const|type \w+ErrorCode =((?:\s*\|?\s*'[A-Z_0-9]+')+)/g),
  )
  const said = sources
    .flatMap((source) => codesIn(source, /\bcode: '[A-Z_0-9]+'/g))
    .filter((code) => !problems.includes(code))

  expect(ofErrors.length).toBeGreaterThan(20)
  expect(said).toContain('ROWS_INVALID')
  expect(codesOfRows('errors.md')).toEqual([...new Set([...ofErrors, ...said])].toSorted())
})

test('docs/observability.md lists every problem that the health tells, and no other', () => {
  expect(problems).toContain('PARTITION_STUCK')
  expect(codesOfRows('observability.md')).toEqual(problems.toSorted())
})

function codesIn(source: string, lists: RegExp): string[] {
  return [...source.matchAll(lists)].flatMap(([list]) => list.match(/(?<=')[A-Z_0-9]+(?=')/g) ?? [])
}

/** A code that has two rows comes twice. */
function codesOfRows(page: string): string[] {
  const text = readFileSync(`${root}/docs/${page}`, 'utf8')
  return [...text.matchAll(/^\| `([A-Z_0-9]+)` +\|/gm)].map((match) => match[1]!).toSorted()
}
