import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const projects = '{libs,services,tools,examples}/*'
const pages = globSync([`${projects}/README.md`, '*/README.md', '*.md', 'docs/*.md', 'docs/how-to/*.md'], {
  cwd: root,
}).sort()
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

interface Block {
  readonly page: string
  /** Beside the page, so that it imports as that project does. */
  readonly file: string
  readonly source: string
}

/** What the reader of a page has before its blocks begin. */
const given: Readonly<Record<string, string>> = {
  'libs/artefact-store/README.md': `declare const modelSha256: string, referenceSha256: string
    declare const artefact: import('@raison/surrogate').SurrogateArtefact`,
  'libs/drift/README.md': `declare const rows: Float64Array, explanation: Float64Array
    declare const before: import('@raison/drift').EvidenceState, fromOtherPartition: import('@raison/drift').Window`,
  'libs/events/README.md': `declare const record: import('@raison/stream-runtime').RawRecord & { value: Buffer }
    declare const explanation: import('@raison/events').DecisionExplanation`,
  'libs/explaining/README.md': `declare const decision: import('@raison/events').ScoredDecision`,
  'libs/model-runtime/README.md': `declare const bytes: Uint8Array, fileName: string, featureNames: string[]
    declare const referenceRows: Float32Array, rows: Float32Array, rowCount: number, hybrids: Float32Array, hybridCount: number`,
  'libs/monitoring/README.md': `declare const line: string, features: string[], row: Float64Array, table: import('@raison/monitoring').Table
    declare const countSettings: import('@raison/monitoring').CountSettings
    declare const evidenceSettings: import('@raison/monitoring').EvidenceSettings, timestamp: number
    declare const explanations: import('@raison/monitoring').TimedExplanation[]
    declare const findBaseline: import('@raison/monitoring').FindBaseline`,
  'libs/shapley/README.md': `declare const players: import('@raison/shapley').Players, background: import('@raison/shapley').Background
    declare const row: Float32Array, baseValue: number, output: number
    declare const model: { score(rows: Float32Array): Promise<Float64Array> }`,
  'libs/stream-runtime/README.md': `declare const processor: import('@raison/stream-runtime').Processor<string, string>
    declare const logger: import('pino').Logger`,
  'libs/surrogate/README.md': `declare const rows: Float32Array, row: Float32Array, rowCount: number, featureCount: number
    declare const targets: Float64Array, values: Float64Array, differences: Float64Array
    declare const players: import('@raison/shapley').Players, background: import('@raison/shapley').Background
    declare const plan: import('@raison/shapley').PairPlan`,
}

const blocks = pages.flatMap(blocksOf)
let wrong: Map<string, string[]>

beforeAll(() => {
  wrong = typeCheck(blocks)
})

test('the pages hold the blocks that libraries begin with', () => {
  expect(blocks.length).toBeGreaterThan(12)
  expect(blocks.map(({ page }) => page)).toEqual(expect.arrayContaining(Object.keys(given)))
})

test.for(blocks)('$file is TypeScript that compiles', ({ file }) => {
  expect(wrong.get(file) ?? []).toEqual([])
})

test.for(pages)('%s names files that exist', (page) => {
  const named = namedIn(textOf(page))
  const files = filesBeside(page)
  expect(named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([])
})

function blocksOf(page: string): Block[] {
  return Array.from(textOf(page).matchAll(/^```ts\n([^]*?)^```/gm), ([, source], k) => ({
    page,
    file: `${dirname(page)}/${basename(page, '.md')}-${k + 1}.ts`,
    source: source!,
  }))
}

/** Names of sources between back quotes, `a/{b,c}.ts` being two; a reader's own files end otherwise. */
function namedIn(text: string): string[] {
  const quoted = Array.from(text.matchAll(/`([\w./{},-]+\.(?:ts|mjs|py|avsc))`/g), ([, name]) => name!)
  return quoted.flatMap((name) => {
    const [, before, names, after] = /(.*)\{(.*)\}(.*)/.exec(name) ?? [name, '', name, '']
    return names!.split(',').map((one) => `${before}${one}${after}`)
  })
}

/** What a page of a project names lies in it or is told from the root; any other page may name every file. */
function filesBeside(page: string): string[] {
  const own = /^(libs|services|tools|examples)\//.test(page) ? `${dirname(page)}/**/*.*` : '*/**/*.*'
  return globSync([own, '*.*'], { cwd: root, exclude: ['**/node_modules/**'] })
}

/** What the compiler says of each block, by its file; all of them are one program, which reads each library once. */
function typeCheck(sources: readonly Block[]): Map<string, string[]> {
  const { options } = ts.convertCompilerOptionsFromJson(settings, root)
  const host = ts.createCompilerHost(options)
  const texts = new Map(sources.map(({ page, file, source }) => [join(root, file), `${source}\n${given[page] ?? ''}`]))
  const { fileExists, readFile } = host
  host.fileExists = (file) => texts.has(file) || fileExists(file)
  host.readFile = (file) => texts.get(file) ?? readFile(file)
  const program = ts.createProgram([...texts.keys()], options, host)
  return new Map(sources.map(({ file }) => [file, diagnose(program, join(root, file))]))
}

const settings = {
  ...(ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config as { compilerOptions: object })
    .compilerOptions,
  types: ['node'],
  noEmit: true,
  composite: false,
  incremental: false,
  emitDeclarationOnly: false,
  isolatedDeclarations: false,
  // A block ends where the reader goes on.
  noUnusedLocals: false,
}

function diagnose(program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file)!
  return ts.getPreEmitDiagnostics(program, source).map(({ start = 0, messageText }) => {
    const line = source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1).split('\n')[0]!
    return `${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}
