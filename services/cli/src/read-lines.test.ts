import { describe, expect, test } from 'vitest'
import { mostLineBytes, readLines, type Line } from './read-lines.ts'

describe('readLines', () => {
  test.each([1, 2, 3, 5, 1000])('gives the same lines from chunks of %i bytes', async (size) => {
    expect(await textsOf(cut('a\n\nbé🙂\r\nlast', size))).toEqual([
      [1, 'a'],
      [3, 'bé🙂\r'],
      [4, 'last'],
    ])
  })

  test('leaves out lines of white space, but counts them', async () => {
    expect(await textsOf(cut('\n \t\r\n{}\n\n', 4))).toEqual([[3, '{}']])
  })

  test('takes the byte order mark off the first line, and off no other', async () => {
    expect(await textsOf([Buffer.from('\uFEFFa\n\uFEFFb')])).toEqual([
      [1, 'a'],
      [2, '\uFEFFb'],
    ])
  })

  test('keeps a line of the most bytes, and not one of a byte more', async () => {
    const most = 'x'.repeat(mostLineBytes)
    const lines = await linesOf(cut(`${most}\n${most}x\nshort\n${most}x`, 65_536))
    expect(lines.map(({ number, text, fault }) => [number, text?.length, fault])).toEqual([
      [1, mostLineBytes, undefined],
      [2, undefined, 'LINE_TOO_LONG'],
      [3, 5, undefined],
      [4, undefined, 'LINE_TOO_LONG'],
    ])
  })

  test('lets a line of a gigabyte pass, which no text could hold', async () => {
    const chunk = Buffer.alloc(2 ** 20, 'x')
    const lines = await linesOf([...Array.from({ length: 1024 }, () => chunk), Buffer.from('\nnext\n')])
    expect(lines.map(({ text, fault }) => fault ?? text)).toEqual(['LINE_TOO_LONG', 'next'])
  })

  test.each([
    ['Latin-1', Buffer.from('{"eventId":"é"}\n', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFF{"eventId":"é"}', 'utf16le')],
    ['a character cut short', Buffer.from('é').subarray(0, 1)],
  ])('refuses a line that is not UTF-8: %s', async (_, bytes) => {
    expect(await linesOf([bytes])).toEqual([{ number: 1, text: undefined, fault: 'LINE_NOT_UTF8' }])
  })
})

function cut(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.subarray(k * size, (k + 1) * size))
}

async function linesOf(chunks: readonly Buffer[]): Promise<Line[]> {
  const lines: Line[] = []
  for await (const group of readLines(toStream(chunks))) lines.push(...group)
  return lines
}

async function textsOf(chunks: readonly Buffer[]): Promise<[number, string | undefined][]> {
  return (await linesOf(chunks)).map(({ number, text }) => [number, text])
}

async function* toStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}
