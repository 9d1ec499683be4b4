import { isUtf8 } from 'node:buffer'

/** `number` counts from 1. A line that cannot be read has no text, and `fault` says why. */
export type Line = { readonly number: number } & (
  | { readonly text: string; readonly fault: undefined }
  | { readonly text: undefined; readonly fault: 'LINE_TOO_LONG' | 'LINE_NOT_UTF8' }
)

/** Beyond this a line is no decision, and its bytes are not kept: one line must not take all the memory. */
export const mostLineBytes = 1_048_576

/** Lines of a byte stream, in the groups they arrive in; empty lines are left out but counted. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  let pieces: Buffer[] = []
  let length = 0
  let number = 0

  const keep = (piece: Buffer): void => {
    length += piece.length
    if (length <= mostLineBytes) pieces.push(piece)
    else pieces = []
  }
  const finish = (): Line => {
    const line = toLine(++number, length <= mostLineBytes ? Buffer.concat(pieces) : undefined)
    pieces = []
    length = 0
    return line
  }

  for await (const chunk of input) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end))
      lines.push(finish())
      start = end + 1
    }
    keep(chunk.subarray(start))
    yield lines.filter(isNotEmpty)
  }
  if (length > 0) yield [finish()].filter(isNotEmpty)
}

/** Without a byte order mark. Bytes of another encoding are refused: decoding them would alter what they name. */
function toLine(number: number, bytes: Buffer | undefined): Line {
  if (bytes === undefined) return { number, text: undefined, fault: 'LINE_TOO_LONG' }
  if (!isUtf8(bytes)) return { number, text: undefined, fault: 'LINE_NOT_UTF8' }
  const text = bytes.toString('utf8')
  return { number, text: number === 1 ? text.replace(/^\uFEFF/, '') : text, fault: undefined }
}

function isNotEmpty({ text }: Line): boolean {
  return text === undefined || text.trim() !== ''
}
