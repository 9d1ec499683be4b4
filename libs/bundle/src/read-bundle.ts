import { createHash, hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { arrangePlayers } from './arrange-players.ts'
import { decodeText, findDirectory, findFile, largest, readBytes, unreadable, type NamedFile } from './bundle-files.ts'
import type { Bundle, NumberTable } from './bundle.ts'
import { defaultCatalogue } from './default-catalogue.ts'
import { BundleError, together } from './errors.ts'
import { readCatalogue, warnOfGaps, type Subjects } from './read-catalogue.ts'
import { readSettings, type BundleSettings } from './read-settings.ts'
import { readTable } from './read-table.ts'
import type { Position } from './read-yaml.ts'

/** A file of the bundle, understood, and the hash of its bytes. */
interface Part<Content> {
  readonly content: Content
  readonly sha256: string
}

/** Reads and checks a bundle directory. Throws BundleError with everything found wrong in it. */
export async function readBundle(directory: string): Promise<Bundle> {
  const root = await findDirectory(directory)
  const settings = await readPart(root, { file: 'bundle.yaml', at: undefined }, largest.yaml, (bytes) =>
    readSettings(decodeText('bundle.yaml', bytes)),
  )
  const { value, positionOf } = settings.content
  const players = arrangePlayers(value.features, value.players)
  const subjects = { features: value.features, players }

  const [model, reference, reasons, training] = await together([
    readModel(root, { file: value.model.file, at: positionOf(['model', 'file']) }),
    readReference(root, { file: value.reference.file, at: positionOf(['reference', 'file']) }, subjects),
    readReasons(root, value, positionOf(['reasons']), subjects),
    findTraining(root, value.training && { file: value.training.file, at: positionOf(['training', 'file']) }),
  ])
  return {
    directory: root,
    model: { ...value.model, bytes: model.content, sha256: model.sha256 },
    decision: value.decision,
    reference: { ...value.reference, rows: reference.content },
    features: value.features,
    players,
    catalogue: reasons.content,
    training: value.training && { ...value.training, file: training.content },
    sha256: hashTogether({ settings, model, reference, reasons, training }),
    warnings: [
      ...warnOfFewRows(value, reference.content),
      ...warnOfGaps(value.reasons, reasons.content.entries, players),
    ],
  }
}

async function readPart<Content>(
  root: string,
  named: NamedFile,
  most: number,
  understand: (bytes: Uint8Array) => Content,
): Promise<Part<Content>> {
  const bytes = await readBytes(root, named, most)
  return { content: understand(bytes), sha256: hash('sha256', bytes) }
}

/** The bytes alone: what they hold is for the model's runtime to say. */
function readModel(root: string, named: NamedFile): Promise<Part<Uint8Array>> {
  return readPart(root, named, largest.model, (bytes) => {
    if (bytes.length > 0) return bytes
    const message = 'the file is empty; export the model again'
    throw new BundleError([{ code: 'MODEL_EMPTY', file: named.file, line: undefined, column: undefined, message }])
  })
}

function readReference(root: string, named: NamedFile, { features }: Subjects): Promise<Part<NumberTable>> {
  const columns = features.map(({ name }) => name)
  return readPart(root, named, largest.reference, (bytes) =>
    readTable(named.file, decodeText(named.file, bytes), columns),
  )
}

async function readReasons(
  root: string,
  { reasons: file, reference }: BundleSettings,
  at: Position,
  subjects: Subjects,
): Promise<Part<Bundle['catalogue']>> {
  if (file === undefined) return { content: defaultCatalogue(subjects, reference.population), sha256: '' }
  return readPart(root, { file, at }, largest.yaml, (bytes) => readCatalogue(file, decodeText(file, bytes), subjects))
}

/** Its absolute path. Hashed as a stream: it may be larger than memory, and is read as a table only when needed. */
async function findTraining(root: string, named: NamedFile | undefined): Promise<Part<string>> {
  if (named === undefined) return { content: '', sha256: '' }
  const content = await findFile(root, named)
  const digest = createHash('sha256')
  try {
    for await (const chunk of createReadStream(content)) digest.update(chunk as Uint8Array)
  } catch (cause) {
    throw unreadable(named, cause)
  }
  return { content, sha256: digest.digest('hex') }
}

/** The names of the files stand in bundle.yaml, so their hashes in this order say all. */
function hashTogether(parts: Readonly<Record<string, Part<unknown>>>): string {
  const lines = Object.entries(parts).map(([role, { sha256 }]) => `${role} ${sha256}\n`)
  return hash('sha256', lines.join(''))
}

function warnOfFewRows({ reference: { file, size } }: BundleSettings, { rowCount }: NumberTable): string[] {
  if (rowCount >= size) return []
  return [
    `${file}: ${rowCount} rows, fewer than size: ${size}; all of them are used: add rows, or set size: ${rowCount}`,
  ]
}
