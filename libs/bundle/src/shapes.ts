import * as z from 'zod'
import type { Texts } from './bundle.ts'

/** "expected <what>, found <what is there>"; `what` shows how to write it. */
export function expected(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: ({ input }) => `expected ${what}, found ${show(input)}` }
}

function show(input: unknown): string {
  if (input === undefined) return 'nothing'
  const text = typeof input === 'number' ? String(input) : JSON.stringify(input)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** A mapping with these keys and no others. */
export function mapping<Fields extends z.core.$ZodLooseShape>(fields: Fields): z.ZodObject<Fields, z.core.$strict> {
  const keys = Object.keys(fields).join(', ')
  return z.strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key; the keys here are ${keys}`
        : `expected a mapping with the keys ${keys}, found ${show(issue.input)}`,
  })
}

export function list<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return z.array(item, expected(what)).min(1, expected(what))
}

/** Text that is not blank. `what` shows an example in quotes, as unquoted digits are a number to YAML. */
export function text(what: string): z.ZodString {
  return z.string(expected(what)).regex(/\S/u, expected(what))
}

/** What things are called by: no blank ends, and not the one key that JavaScript objects keep for themselves. */
export function name(what: string, example: string): z.ZodString {
  const full = expected(`${what} (text without blanks at its ends; quote a number), such as ${example}`)
  return z.string(full).regex(/^(?!__proto__$)\S(.*\S)?$/u, full)
}

const inLanguages = 'text, or texts by language with English among them: { en: Credit limit, fr: Plafond de crédit }'

/** A text, which is English, or texts by language. */
export const texts: z.ZodType<Texts> = z.union(
  [
    text(inLanguages).transform((en): Texts => ({ en })),
    mapping({ en: text(inLanguages), fr: text(inLanguages).exactOptional() }),
  ],
  expected(inLanguages),
)
