export interface Line {
  /** From 1. */
  readonly number: number
  /** Undefined for a line longer than the limit: its bytes are not kept. */
  readonly text: string | undefined
}

/** Beyond this a line is no decision; holding it would let one line take all the memory. */
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
    const text = length <= mostLineBytes ? Buffer.concat(pieces).toString('utf8') : undefined
    pieces = []
    length = 0
    number += 1
    return { number, text: number === 1 ? text?.replace(/^\uFEFF/, '') : text }
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
    yield lines.filter(({ text }) => text === undefined || text.trim() !== '')
  }
  if (length > 0) yield [finish()].filter(({ text }) => text === undefined || text.trim() !== '')
}
