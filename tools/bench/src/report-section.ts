import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.ts'

/** Two commands write this file; the lines between the markers are those of `npm run bench`, the rest is of `bench:peers`. */
export const report: string = join(root, 'docs', 'benchmarks.md')
const [opening, closing] = ['<!-- bench -->', '<!-- /bench -->']

/** Puts the section between its markers, which are appended when they are missing. */
export function writeSection(section: string): void {
  const text = read()
  const written = `${opening}\n\n${section.trim()}\n\n${closing}`
  const old = findSection(text)
  writeFileSync(report, old === undefined ? `${text.trimEnd()}\n\n${written}\n` : text.replace(old, () => written))
}

/** Writes everything else anew and keeps the section, at the end. */
export function writeAround(text: string): void {
  const kept = findSection(read())
  writeFileSync(report, kept === undefined ? text : `${text.trimEnd()}\n\n${kept}\n`)
}

function findSection(text: string): string | undefined {
  const start = text.indexOf(opening)
  const end = text.indexOf(closing, start)
  return start < 0 || end < 0 ? undefined : text.slice(start, end + closing.length)
}

const read = (): string => (existsSync(report) ? readFileSync(report, 'utf8') : '')
