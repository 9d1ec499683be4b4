import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

/*
 * Calls into onnxruntime, counted over all threads of the process. A thread that is ended during one cannot take what it gives
 * back: the library throws where nobody catches, and the process aborts ("terminate called after throwing an instance of
 * 'Napi::Error'", SIGABRT). Threads are started with the count that the main thread has when this is loaded there first.
 */
const key = '@raison/model-runtime/native-calls'
/** Calls under way, and whether none may begin. */
const [underWay, ended] = [0, 1]
const calls = (getEnvironmentData(key) as Int32Array | undefined) ?? new Int32Array(new SharedArrayBuffer(8))
setEnvironmentData(key, calls)
if (isMainThread) process.once('exit', endNativeCalls)

/** Once no more may begin it never resolves: the thread is about to be ended. */
export async function callNatively<T>(call: () => Promise<T>): Promise<T> {
  Atomics.add(calls, underWay, 1)
  try {
    if (Atomics.load(calls, ended) === 0) return await call()
  } finally {
    Atomics.sub(calls, underWay, 1)
    Atomics.notify(calls, underWay)
  }
  return new Promise(() => undefined)
}

/** Longer than any call of ours: a thread that died during one is counted for ever. */
const mostMs = 10_000

/** Lets no more of them begin and blocks until none is under way: before threads are ended, and the process with them. */
export function endNativeCalls(): void {
  Atomics.store(calls, ended, 1)
  const deadline = performance.now() + mostMs
  for (let left; (left = Atomics.load(calls, underWay)) > 0 && performance.now() < deadline;)
    Atomics.wait(calls, underWay, left, deadline - performance.now())
}
