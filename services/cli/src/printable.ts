/**
 * One line for a terminal. Names and messages come from files and records: characters that steer a terminal, end a line or turn
 * the direction of the text are shown as JSON escapes.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return `\\u${code.padStart(4, '0')}`
  })
}

/** The same of each line: of messages of programs that we have run, and of JSON, where escapes change nothing. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
