import { setFlagsFromString } from 'node:v8'
// The threads that score are refused unless the main thread has said it; all of the package would load what only they need.
import '@raison/model-runtime/no-telemetry'
import { runService } from '@raison/service-kit'
import { readConfig } from './config.ts'
import { createExplainer } from './create-explainer.ts'

// A batch lives for milliseconds, and is more than the 1 MB with which V8 begins: what it copied instead of forgetting was a
// fifth of the processor time. Megabytes, for the threads that are started from here on.
setFlagsFromString('--min-semi-space-size=32')
setFlagsFromString('--max-semi-space-size=64')

await runService('explainer', readConfig, createExplainer)
