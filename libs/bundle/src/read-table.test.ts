import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BundleError, type NumberTable } from './index.ts'
import { readTable } from './read-table.ts'

const read = (text: string, columns = ['a', 'b']): NumberTable => readTable('reference.csv', text, columns)

function problemsOf(text: string, columns?: string[]): BundleError['problems'] {
  try {
    read(text, columns)
  } catch (error) {
    if (error instanceof BundleError) return error.problems
    throw error
  }
  return []
}

describe('a table in order', () => {
  test('comes in the order of the bundle, whatever the order of the header', () => {
    expect(read('b,a\n1,2\n3,4\n')).toEqual({ columns: ['a', 'b'], rowCount: 2, values: Float64Array.of(2, 1, 4, 3) })
  })

  test.each([
    ['Windows line ends', 'a,b\r\n1,2\r\n'],
    ['mixed line ends', 'a,b\r\n1,2\n'],
    ['no line end at the end', 'a,b\n1,2'],
    ['blank lines', '\na,b\n\n1,2\n\n\n'],
    ['quoted cells', '"a","b"\n"1","2"\n'],
    ['blanks around cells', ' a , b\n 1,2 \n'],
    ['signs, points and exponents', 'a,b\n+1.,.2e1\n'],
  ])('may have %s', (_, text) => {
    expect(read(text).values).toEqual(Float64Array.of(1, 2))
  })

  test('takes empty, NaN and nan as missing', () => {
    expect([...read('a,b\n,NaN\nnan,""\n').values]).toEqual([NaN, NaN, NaN, NaN])
  })

  test('gives back every float64 that a float32 can stand for', () => {
    const cell = fc.double({ min: -3e38, max: 3e38 })
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = `a,b\n${rows.map((row) => row.join(',')).join('\n')}\n`
        expect([...read(text).values]).toEqual(rows.flat().map((value) => (value === 0 ? expect.closeTo(0) : value)))
      }),
      { seed: 20261122 },
    )
  })
})

describe('a table that is wrong', () => {
  test.each([
    ['nothing at all', '', 'REFERENCE_EMPTY', 1, 'the file is empty; write the header "a", "b"'],
    ['blank lines only', '\n\n', 'REFERENCE_EMPTY', 1, 'the file is empty'],
    ['a header only', 'a,b\n', 'REFERENCE_EMPTY', 1, 'there are no rows below the header; add'],
    ['a column too few', 'a\n1\n', 'REFERENCE_COLUMNS', 1, 'the header lacks "b"; add'],
    [
      'a column too many',
      'a,b,y\n1,2,3\n',
      'REFERENCE_COLUMNS',
      1,
      'the header has "y", which features does not name; drop',
    ],
    ['a column twice', 'a,b,a\n1,2,3\n', 'REFERENCE_COLUMNS', 1, 'the header names "a" twice'],
    ['another separator', 'a;b\n1;2\n', 'REFERENCE_COLUMNS', 1, 'cells are parted by commas'],
    ['a cell too few', 'a,b\n1,2\n3\n', 'REFERENCE_SYNTAX', 3, 'this row has 1 cells, the header 2'],
    ['a cell too many', 'a,b\n1,2,3\n', 'REFERENCE_SYNTAX', 2, 'this row has 3 cells, the header 2'],
    ['a word in a cell', 'a,b\n1,2\n3,high\n', 'REFERENCE_VALUE', 3, 'b: "high" is no finite number'],
    ['infinity', 'a,b\nInfinity,2\n', 'REFERENCE_VALUE', 2, 'a: "Infinity" is no finite number'],
    ['infinity as others write it', 'a,b\n1,-inf\n', 'REFERENCE_VALUE', 2, 'b: "-inf"'],
    ['more than float32 holds', 'a,b\n1,1e39\n', 'REFERENCE_VALUE', 2, 'b: "1e39"'],
    ['a hexadecimal number', 'a,b\n1,0x10\n', 'REFERENCE_VALUE', 2, 'b: "0x10"'],
    ['a decimal comma', 'a,b\n"1,5",2\n', 'REFERENCE_VALUE', 2, 'write one with a decimal point'],
    ['another word for missing', 'a,b\nNA,2\n', 'REFERENCE_VALUE', 2, 'leave the cell empty for a missing value'],
    ['a quote that never closes', 'a,b\n1,"2\n3,4\n', 'REFERENCE_SYNTAX', 3, 'close the quote'],
  ])('by %s is told with line, column and remedy', (_, text, code, line, message) => {
    const [first] = problemsOf(text)
    expect(first).toMatchObject({ code, file: 'reference.csv', line, message: expect.stringContaining(message) })
  })

  test('by a line of 10 MB is told without showing it', () => {
    const problems = problemsOf(`a,b\n1,2\n${'1'.repeat(10_000_000)},2\n`)
    expect(problems).toMatchObject([{ code: 'REFERENCE_SYNTAX', line: 3 }])
    expect(problems[0]!.message.length).toBeLessThan(200)
  })

  test('in many places tells the first twenty', () => {
    const problems = problemsOf(`a,b\n${'x,1\n'.repeat(50)}`)
    expect(problems.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2))
  })

  test('in missing and unknown columns tells both', () => {
    const names = Array.from({ length: 30 }, (_, i) => `f${i}`)
    const problems = problemsOf('x\n1\n', names)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('"f7" and 22 more'),
      expect.stringContaining('"x"'),
    ])
  })
})
