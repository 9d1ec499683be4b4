export { ArtefactError, artefactErrorCodes, type ArtefactErrorCode } from './artefact-error.ts'
export { openArtefactCache, type ArtefactCache, type BeginFit, type FoundIn } from './artefact-cache.ts'
export {
  artefactKey,
  assertWritable,
  findArtefact,
  writeArtefact,
  writeWhole,
  type StoredArtefact,
} from './artefact-files.ts'
export { withFitLock } from './fit-lock.ts'
export { openCheckpoint, type Checkpoint } from './checkpoint.ts'
export { openFitThreads, type FitProgress, type FitThreads } from './fit-threads.ts'
