import { prepareText } from './prepare-text.ts'
import type { CataloguePlayer } from './reasons.ts'

/** The texts of one reason for one row, by language. What comes again for equal values is the same object: it is not to be changed. */
export type WriteTexts = (row: Float32Array) => Readonly<Record<string, string>>

/** Ages, counts and codes come again in most decisions, amounts of money in some. */
const mostRemembered = 1000

/** The templates in every one of `languages`. `column` is that of the reason's only feature; undefined when there are several. */
export function prepareTexts(
  templates: Readonly<Record<string, string>>,
  languages: readonly string[],
  players: readonly CataloguePlayer[],
  means: Float64Array,
  column: number | undefined,
): WriteTexts {
  const texts = languages.map((language) => ({ language, write: prepareText(templates, language, players, means) }))
  const writeTexts: WriteTexts = (row) => {
    const written: Record<string, string> = {}
    for (const { language, write } of texts) written[language] = write(row)
    return written
  }
  if (!Object.values(templates).some((template) => template.includes('{value}'))) return alwaysThe(writeTexts(noRow))
  return column === undefined ? writeTexts : rememberByValue(writeTexts, column)
}

const noRow = new Float32Array(0)

function alwaysThe(texts: ReturnType<WriteTexts>): WriteTexts {
  return () => texts
}

function rememberByValue(writeTexts: WriteTexts, column: number): WriteTexts {
  const remembered = new Map<number, ReturnType<WriteTexts>>()
  return (row) => {
    const value = row[column]!
    const known = remembered.get(value)
    if (known !== undefined) return known
    if (remembered.size >= mostRemembered) remembered.clear()
    const texts = writeTexts(row)
    remembered.set(value, texts)
    return texts
  }
}
