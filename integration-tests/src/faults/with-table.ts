const [opening, closing] = ['<!-- faults -->', '<!-- /faults -->']

/** The page with another table between its markers. Throws a RangeError when they are missing: the table has no place then. */
export function withTable(page: string, table: string): string {
  const start = page.indexOf(opening)
  const end = page.indexOf(closing, start)
  if (start < 0 || end < 0) throw new RangeError(`the page has no ${opening} with ${closing} after it: put them back`)
  return `${page.slice(0, start + opening.length)}\n\n${table}\n\n${page.slice(end)}`
}
