import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { SurrogateArtefact } from '@raison/surrogate'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { artefactKey, assertWritable, findArtefact, writeArtefact } from './artefact-files.ts'
import { openCheckpoint } from './checkpoint.ts'

const key = artefactKey(['model', 'reference'])
const artefact: SurrogateArtefact = {
  surrogate: { cosine: undefined, trees: undefined },
  fidelity: 0.99,
  calibration: { noise: 0.1, budgets: [{ rows: 256, ridge: 100, factor: 1.1, error: 1e-3 }] },
  budgetRows: 256,
}

let bundle: string

beforeEach(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'raison-artefacts-'))
  onTestFinished(() => rm(bundle, { recursive: true }))
})

describe('an artefact', () => {
  test('is found by its key as it was written, under the hash of its bytes', async () => {
    const written = await writeArtefact(bundle, key, artefact)
    const found = await findArtefact(bundle, key)
    expect(found).toEqual(written)
    expect(found!.artefact).toEqual(artefact)
    expect(basename(found!.file)).toBe(`${key}.${found!.sha256.slice(0, 32)}.raison`)
    expect((await readFile(found!.file)).length).toBe(found!.byteCount)
  })

  test('of another key, or of none yet, is not found', async () => {
    expect(await findArtefact(bundle, key)).toBeUndefined()
    await writeArtefact(bundle, artefactKey(['model', 'another reference']), artefact)
    expect(await findArtefact(bundle, key)).toBeUndefined()
  })

  test('written twice is one file, and leaves no other', async () => {
    await writeArtefact(bundle, key, artefact)
    const { file } = await writeArtefact(bundle, key, artefact)
    expect(await readdir(join(bundle, 'artefacts'))).toEqual([basename(file)])
  })

  test('of several is the first by name', async () => {
    const files = await Promise.all(
      [0.1, 0.2, 0.3].map((fidelity) => writeArtefact(bundle, key, { ...artefact, fidelity })),
    )
    const [first] = files.map(({ file }) => file).sort()
    expect((await findArtefact(bundle, key))!.file).toBe(first)
  })

  const harms: readonly [string, (file: string) => Promise<unknown>][] = [
    ['cut short', (file) => truncate(file, 40)],
    ['empty', (file) => truncate(file, 0)],
    ['changed in one byte', changeByte],
    ['of another content', (file) => writeFile(file, '<html>404</html>')],
    ['a directory', (file) => rm(file).then(() => mkdir(file))],
  ]
  test.for(harms)('%s is refused, with its file and what to do', async ([, harm]) => {
    const { file } = await writeArtefact(bundle, key, artefact)
    await harm(file)
    const refusal = findArtefact(bundle, key)
    await expect(refusal).rejects.toMatchObject({ code: 'ARTEFACT_UNREADABLE' })
    await expect(refusal).rejects.toThrow(`${file}: `)
    await expect(refusal).rejects.toThrow('remove it and run raison fit again')
  })

  test('under the name of another key is refused', async () => {
    const other = artefactKey(['other'])
    const { file } = await writeArtefact(bundle, key, artefact)
    await cp(file, join(bundle, 'artefacts', `${other}.0123.raison`))
    await expect(findArtefact(bundle, other)).rejects.toMatchObject({ code: 'ARTEFACT_UNREADABLE' })
  })

  test('that cannot be written is an error that says where, before the fit and after it', async () => {
    const taken = join(bundle, 'taken')
    await writeFile(taken, 'a file where the bundle should be')
    const refusals = [assertWritable(taken), writeArtefact(taken, key, artefact)]
    for (const refusal of refusals) {
      await expect(refusal).rejects.toMatchObject({ code: 'ARTEFACT_UNWRITABLE' })
      await expect(refusal).rejects.toThrow(join(taken, 'artefacts'))
    }
    await expect(assertWritable(bundle)).resolves.toBeUndefined()
  })
})

test('a key is the same for the same parts, and another for others or in another order', () => {
  expect(artefactKey(['model', 'reference'])).toBe(key)
  const others = [['model'], ['reference', 'model'], ['modelreference'], ['model', 'reference', '']].map(artefactKey)
  expect(new Set([key, ...others]).size).toBe(5)
})

describe('a checkpoint', () => {
  test('gives what was saved last, in another process too, and nothing after its removal', async () => {
    const file = join(bundle, '.fit')
    const first = openCheckpoint<{ epoch: number; weights: Float32Array }>(file)
    expect(await first.load()).toBeUndefined()
    void first.save({ epoch: 1, weights: Float32Array.of(1) })
    await first.save({ epoch: 2, weights: Float32Array.of(2) })
    const second = openCheckpoint<{ epoch: number; weights: Float32Array }>(file)
    expect(await second.load()).toEqual({ epoch: 2, weights: Float32Array.of(2) })
    await first.remove()
    expect(await second.load()).toBeUndefined()
    expect(await readdir(bundle)).toEqual([])
  })

  test('that was cut short is as good as none', async () => {
    const file = join(bundle, '.fit')
    const checkpoint = openCheckpoint<{ weights: Float32Array }>(file)
    await checkpoint.save({ weights: new Float32Array(100) })
    await truncate(file, 60)
    expect(await checkpoint.load()).toBeUndefined()
  })

  test('that cannot be written stops nothing', async () => {
    const checkpoint = openCheckpoint<number>(join(bundle, 'nowhere', '.fit'))
    await expect(checkpoint.save(1)).resolves.toBeUndefined()
  })
})

async function changeByte(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(file, bytes)
}
