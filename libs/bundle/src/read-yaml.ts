import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import type { ZodType } from 'zod'
import { BundleError, throwProblems, type BundleErrorCode, type BundleProblem } from './errors.ts'

/** Both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface YamlValue<Value> {
  readonly value: Value
  /** Where the key or list item at this path is written, or the deepest part of the path that is. */
  positionOf(path: readonly PropertyKey[]): Position
}

/** The YAML text as a value of `shape`. Throws BundleError: BUNDLE_YAML, or `code` with every line that does not fit. */
export function readYaml<Value>(
  file: string,
  text: string,
  shape: ZodType<Value>,
  code: BundleErrorCode,
): YamlValue<Value> {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const { document, content } = parse(file, text, lines, at)
  const positionOf = (path: readonly PropertyKey[]): Position => at(offsetOf(document, path))

  const parsed = shape.safeParse(content)
  if (parsed.success) return { value: parsed.data, positionOf }
  const problems = parsed.error.issues.flatMap((issue) =>
    placesOf(issue).map((path): BundleProblem => {
      return { code, file, ...positionOf(path), message: `${path.join('.') || file}: ${issue.message}` }
    }),
  )
  throwProblems(problems.toSorted((a, b) => a.line! - b.line! || a.column! - b.column!))
  throw parsed.error
}

function parse(
  file: string,
  text: string,
  lineCounter: LineCounter,
  at: (offset: number) => Position,
): { document: Document; content: unknown } {
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false })
    throwProblems(
      [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
        const told = code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message
        return { code: 'BUNDLE_YAML', file, ...at(pos[0]), message: `${told}; ${syntaxRemedy}` }
      }),
    )
    return { document, content: document.toJS() as unknown }
  } catch (error) {
    if (error instanceof BundleError) throw error
    // Nested or repeated beyond what the parser takes: no place to name.
    const message = `${(error as Error).message}; ${syntaxRemedy}`
    throw new BundleError([{ code: 'BUNDLE_YAML', file, line: 1, column: undefined, message }], { cause: error })
  }
}

const syntaxRemedy = 'mend the YAML here (indent with spaces, quote a text that contains ": " or "#")'

/** An unknown key is told where it stands, not where its mapping begins. */
function placesOf(issue: { code?: string; path: PropertyKey[]; keys?: string[] }): PropertyKey[][] {
  if (issue.code === 'unrecognized_keys') return issue.keys!.map((key) => [...issue.path, key])
  return [issue.path]
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(key)) : undefined
    const next = pair?.key ?? (isSeq(node) ? node.items[Number(key)] : undefined)
    if (next === undefined) break
    offset = (next as Node).range?.[0] ?? offset
    node = pair === undefined ? next : pair.value
  }
  return offset
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key)
}
