import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { CosineTraining } from '@raison/surrogate'
import { decodeData, encodeData } from './plain-data.ts'

/** Where the training of one network is kept until it is finished. */
export interface Checkpoint {
  /** What an earlier fit left; undefined when there is none that can be read. */
  load(): Promise<CosineTraining | undefined>
  save(training: CosineTraining): Promise<void>
  remove(): Promise<void>
}

/** `file` names the key and the settings: training is resumed by the same ones only. A lost checkpoint costs time, nothing else. */
export function openCheckpoint(file: string): Checkpoint {
  let saving = Promise.resolve()
  return {
    load: async () => {
      try {
        return decodeData(await readFile(file)) as CosineTraining
      } catch {
        return undefined
      }
    },
    save(training) {
      saving = saving
        .then(() => writeFile(`${file}.new`, encodeData(training)))
        .then(() => rename(`${file}.new`, file))
        .catch(() => undefined)
      return saving
    },
    async remove() {
      await saving
      await rm(file, { force: true })
    },
  }
}
