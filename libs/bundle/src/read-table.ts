import { CsvError, parse } from 'csv-parse/sync'
import type { NumberTable } from './bundle.ts'
import { throwProblems, type BundleErrorCode, type BundleProblem } from './errors.ts'

/** Enough for 20,000 columns; a longer line is no table, or a quote that never closes. */
const longestLine = 2 ** 20

/** What is wrong with the first rows is usually wrong with all of them. */
const mostProblems = 20

type Ill = (code: BundleErrorCode, line: number, message: string) => void

/**
 * A CSV text whose header names `columns`, in any order, as numbers in the order of `columns`; `remedy` says what to do about
 * others. Throws BundleError.
 */
export function readTable(
  file: string,
  text: string,
  columns: readonly string[],
  remedy = 'drop these columns',
): NumberTable {
  const problems: BundleProblem[] = []
  const ill: Ill = (code, line, message) => problems.push({ code, file, line, column: undefined, message })

  let order: number[] | undefined
  const values: number[] = []
  readRecords(text, ill, (cells, line) => {
    if (order === undefined) {
      order = arrangeColumns(cells, columns, remedy, line, ill)
      throwProblems(problems)
    } else if (problems.length < mostProblems) readRow(cells, order, columns, line, values, ill)
  })
  if (problems.length === 0 && values.length === 0)
    ill('REFERENCE_EMPTY', 1, emptyMessage(order === undefined, columns))
  throwProblems(problems.slice(0, mostProblems))
  return { columns, rowCount: values.length / columns.length, values: Float64Array.from(values) }
}

/** Calls `take` with the cells of each line that is not blank. */
function readRecords(text: string, ill: Ill, take: (cells: string[], line: number) => void): void {
  try {
    parse(text, {
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: longestLine,
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: (cells: string[], { lines }) => {
        take(cells, lines)
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    ill('REFERENCE_SYNTAX', Number(error['lines'] ?? 1), explain(error))
  }
}

function explain(error: CsvError): string {
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return `this line has more than ${longestLine} characters; write one row a line, and close every quote`
  return `${error.message}; write cells as plain numbers, or close the quote`
}

/** For each of `columns`, its place in the header. */
function arrangeColumns(
  header: readonly string[],
  columns: readonly string[],
  remedy: string,
  line: number,
  ill: Ill,
): number[] {
  const names = header.map((cell) => cell.trim())
  const missing = columns.filter((column) => !names.includes(column))
  const extra = names.filter((column) => !columns.includes(column))
  const twice = names.filter((column, i) => names.indexOf(column) < i)
  if (missing.length > 0)
    ill('REFERENCE_COLUMNS', line, `the header lacks ${quote(missing)}; add these columns${separatorHint(names)}`)
  if (extra.length > 0)
    ill('REFERENCE_COLUMNS', line, `the header has ${quote(extra)}, which features does not name; ${remedy}`)
  if (twice.length > 0) ill('REFERENCE_COLUMNS', line, `the header names ${quote(twice)} twice; keep one column`)
  return columns.map((column) => names.indexOf(column))
}

function separatorHint(names: readonly string[]): string {
  return names.length === 1 && /[;\t|]/.test(names[0]!) ? ' (cells are parted by commas)' : ''
}

function readRow(
  cells: readonly string[],
  order: readonly number[],
  columns: readonly string[],
  line: number,
  values: number[],
  ill: Ill,
): void {
  if (cells.length !== columns.length)
    return ill(
      'REFERENCE_SYNTAX',
      line,
      `this row has ${cells.length} cells, the header ${columns.length}; write one cell a column`,
    )
  order.forEach((place, i) => {
    const value = readNumber(cells[place]!.trim())
    if (value === undefined)
      ill(
        'REFERENCE_VALUE',
        line,
        `${columns[i]}: ${quote([cells[place]!])} is no finite number; write one with a decimal point, or leave the cell empty for a missing value`,
      )
    else values.push(value)
  })
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** NaN where missing; undefined for what is no number or beyond the float32 that models take. */
function readNumber(cell: string): number | undefined {
  if (cell === '' || cell === 'NaN' || cell === 'nan') return NaN
  const value = Number(cell)
  return decimal.test(cell) && Number.isFinite(Math.fround(value)) ? value : undefined
}

function emptyMessage(noHeader: boolean, columns: readonly string[]): string {
  const rows = 'add the rows of applicants that decisions are compared with'
  return noHeader
    ? `the file is empty; write the header ${quote(columns)} and ${rows}`
    : `there are no rows below the header; ${rows}`
}

function quote(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => (name.length > 40 ? `"${name.slice(0, 40)}…"` : `"${name}"`))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}
