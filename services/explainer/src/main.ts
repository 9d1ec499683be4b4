import { setFlagsFromString } from 'node:v8'
import '@raison/model-runtime/main-thread'
import { runService } from '@raison/service-kit'
import { readConfig } from './config.ts'
import { createExplainer } from './create-explainer.ts'

// A batch lives for milliseconds, and is more than the 1 MB with which V8 begins: what it copied instead of forgetting was a
// fifth of the processor time. Megabytes, for the threads that are started from here on.
setFlagsFromString('--min-semi-space-size=32')
setFlagsFromString('--max-semi-space-size=64')

await runService('explainer', readConfig, createExplainer)
