import type { InferenceKernel } from './inference-kernel.ts'
import { kernelBase64 } from './kernel-bytes.ts'
import { viewMemory, type KernelMemory } from './kernel-memory.ts'

/** Functions of kernel/assembly/training.ts; addresses are bytes. */
export interface TrainingKernel {
  addGradients(
    rowCount: number,
    inputCount: number,
    stride: number,
    unitCount: number,
    inputs: number,
    targets: number,
    parameters: number,
    gradients: number,
    errors: number,
    waves: number,
  ): number
  moveParameters(
    count: number,
    parameters: number,
    gradients: number,
    firstMoments: number,
    secondMoments: number,
    rate: number,
    firstScale: number,
    secondScale: number,
  ): void
}

export type WasmKernel = InferenceKernel & TrainingKernel

/** The part of the platform this project needs and the language's own library does not declare. */
interface Platform {
  atob(text: string): string
  readonly WebAssembly: {
    Module: new (bytes: Uint8Array) => object
    validate(bytes: Uint8Array): boolean
    Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer }
    Instance: new (module: object, imports: object) => { readonly exports: object }
  }
}

const pageBytes = 65536
const platform = globalThis as unknown as Platform
let decoded: Uint8Array | undefined
let compiled: object | undefined

/** Whether this platform runs the kernels. */
export function hasSimd(): boolean {
  return compiled !== undefined || platform.WebAssembly?.validate(kernelBytes()) === true
}

/** A fresh instance of the kernels with `byteCount` bytes of memory, all zero. Needs WebAssembly with SIMD. */
export function loadKernel(byteCount: number): { readonly kernel: WasmKernel; readonly memory: KernelMemory } {
  const { WebAssembly } = platform
  compiled ??= new WebAssembly.Module(kernelBytes())
  const memory = new WebAssembly.Memory({ initial: Math.ceil(byteCount / pageBytes) })
  const instance = new WebAssembly.Instance(compiled, { env: { memory } })
  return { kernel: instance.exports as WasmKernel, memory: viewMemory(memory.buffer) }
}

function kernelBytes(): Uint8Array {
  decoded ??= Uint8Array.from(platform.atob(kernelBase64), (letter) => letter.charCodeAt(0))
  return decoded
}
