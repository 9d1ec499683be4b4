export { ArtefactError, artefactErrorCodes, type ArtefactErrorCode } from './artefact-error.ts'
export { artefactKey, findArtefact, writeArtefact, type StoredArtefact } from './artefact-files.ts'
export { openCheckpoint, type Checkpoint } from './checkpoint.ts'
export { openFitThreads, type FitProgress, type FitThreads } from './fit-threads.ts'
