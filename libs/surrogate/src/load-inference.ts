import type { InferenceKernel } from './inference-kernel.ts'
import { viewMemory, type KernelMemory } from './kernel-memory.ts'
import { hasSimd, loadKernel } from './load-kernel.ts'
import { createPlainKernel } from './plain-kernel.ts'

/** A kernel and its own memory, all zero. */
export interface LoadedInference {
  readonly kernel: InferenceKernel
  readonly memory: KernelMemory
}

export type LoadInference = (byteCount: number) => LoadedInference

/** WebAssembly, or where it has no SIMD the same arithmetic without it. */
export const loadInference: LoadInference = (byteCount) => (hasSimd() ? loadKernel(byteCount) : loadPlain(byteCount))

export const loadPlain: LoadInference = (byteCount) => {
  const memory = viewMemory(new ArrayBuffer(byteCount))
  return { kernel: createPlainKernel(memory), memory }
}
