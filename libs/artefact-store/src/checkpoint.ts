import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { decodeData, encodeData } from './plain-data.ts'

/** Where unfinished work is kept, as plain data. A lost checkpoint costs time, nothing else. */
export interface Checkpoint<State> {
  /** What an earlier process left; undefined when there is nothing that can be read. */
  load(): Promise<State | undefined>
  save(state: State): Promise<void>
  remove(): Promise<void>
}

/** Each save replaces the one before, whole or not at all. */
export function openCheckpoint<State>(file: string): Checkpoint<State> {
  const unfinished = `${file}.new`
  let saving = Promise.resolve()
  return {
    async load() {
      try {
        return decodeData(await readFile(file)) as State
      } catch {
        return undefined
      }
    },
    save(state) {
      saving = saving
        .then(() => writeFile(unfinished, encodeData(state)))
        .then(() => rename(unfinished, file))
        .catch(() => undefined)
      return saving
    },
    async remove() {
      await saving
      await Promise.all([file, unfinished].map((path) => rm(path, { force: true })))
    },
  }
}
