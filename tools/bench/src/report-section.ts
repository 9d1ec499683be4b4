import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.ts'

/**
 * Several commands write this file: `npm run bench`, `bench:peers -- --only sampled`, `bench:coverage`, `bench:memory`, `bench:drift` and `bench:monitor`
 * the lines between their markers, `bench:peers -- --only trees` the rest.
 */
export const report: string = join(root, 'docs', 'benchmarks.md')

const sections = ['sampled', 'coverage', 'bench', 'memory', 'drift', 'monitor'] as const
export type Section = (typeof sections)[number]

/** Puts the text between the section's markers, which are appended when they are missing. */
export function writeSection(content: string, section: Section = 'bench'): void {
  const text = read()
  const written = `<!-- ${section} -->\n\n${content.trim()}\n\n<!-- /${section} -->`
  const old = findSection(text, section)
  writeFileSync(report, old === undefined ? `${text.trimEnd()}\n\n${written}\n` : text.replace(old, () => written))
}

/** Writes everything else anew and keeps the sections, at the end. */
export function writeAround(text: string): void {
  const old = read()
  const kept = sections.flatMap((section) => findSection(old, section) ?? [])
  writeFileSync(report, [text.trimEnd(), ...kept].join('\n\n') + '\n')
}

function findSection(text: string, section: Section): string | undefined {
  const closing = `<!-- /${section} -->`
  const start = text.indexOf(`<!-- ${section} -->`)
  const end = text.indexOf(closing, start)
  return start < 0 || end < 0 ? undefined : text.slice(start, end + closing.length)
}

const read = (): string => (existsSync(report) ? readFileSync(report, 'utf8') : '')
