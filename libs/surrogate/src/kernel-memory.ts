/** Memory shared with a kernel: one buffer of known size seen as its three kinds of number. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer
  readonly floats: Float32Array
  readonly words: Int32Array
  readonly doubles: Float64Array
}

export function viewMemory(buffer: ArrayBuffer): KernelMemory {
  return {
    buffer,
    floats: new Float32Array(buffer),
    words: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
  }
}

/** Hands out places in a memory before it exists, so that it never has to grow. */
export interface MemoryPlan {
  /** Byte address of `count` 4-byte numbers, on a 64-byte border. */
  place(count: number): number
  readonly byteCount: number
}

export function planMemory(): MemoryPlan {
  let next = 0
  return {
    place(count) {
      const address = next
      next += Math.ceil((4 * count) / 64) * 64
      return address
    },
    get byteCount() {
      return next
    },
  }
}
