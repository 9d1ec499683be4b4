import { isMainThread } from 'node:worker_threads'

const variable = 'ORT_DISABLE_TELEMETRY'

/**
 * Where this is not in the environment when the library is loaded, released builds of onnxruntime tell Microsoft of the models that a
 * process loads, under an identity kept in the home directory (onnxruntime pull request 27379). Only the main thread's variables
 * reach a native library: it imports this before it starts a thread that scores.
 */
if (isMainThread) process.env[variable] = '1'
else if (process.env[variable] !== '1')
  throw new Error(`onnxruntime would send telemetry: import main-thread.ts on the main thread, or set ${variable}=1`)
