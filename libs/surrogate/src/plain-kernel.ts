import type { InferenceKernel } from './inference-kernel.ts'
import type { KernelMemory } from './kernel-memory.ts'
import { cosine, sine } from './plain-sine.ts'

const { fround } = Math

/**
 * The kernels of kernel/assembly/inference.ts in plain TypeScript, one unit after the other: the same float32 operations in
 * the same order, so the same bits. The reference in tests, and the stand-in where WebAssembly has no SIMD.
 */
export function createPlainKernel({ floats, words, doubles }: KernelMemory): InferenceKernel {
  return {
    placeRows(
      blockCount,
      rowCount,
      inputCount,
      stride,
      n,
      weights,
      biases,
      inputs,
      inputPlayers,
      halves,
      turns,
      phases,
    ) {
      for (let block = 0; block < blockCount; block++)
        for (let row = 0; row < rowCount; row++)
          for (let lane = 0; lane < 4; lane++) {
            const place = block * rowCount + row
            const half = (halves >> 2) + place * n * 4 + lane
            for (let j = 0; j < n; j++) floats[half + 4 * j] = 0
            for (let i = 0; i < inputCount; i++) {
              const at = half + 4 * words[(inputPlayers >> 2) + i]!
              const weight = floats[(weights >> 2) + (block * inputCount + i) * 4 + lane]!
              floats[at] = floats[at]! + fround(floats[(inputs >> 2) + row * stride + i]! * weight)
            }
            let phase = floats[(biases >> 2) + block * 4 + lane]!
            for (let j = 0; j < n; j++) {
              phase = fround(phase + floats[half + 4 * j]!)
              storeSinCos(floats, floats[half + 4 * j]!, (turns >> 2) + (place * n + j) * 8 + lane)
            }
            storeSinCos(floats, phase, (phases >> 2) + place * 8 + lane)
          }
    },

    addOutputs(blockCount, rowCount, amplitudes, phases, out) {
      for (let block = 0; block < blockCount; block++)
        for (let row = 0; row < rowCount; row++)
          for (let lane = 0; lane < 4; lane++) {
            const at = (phases >> 2) + (block * rowCount + row) * 8 + lane
            const s = floats[at]!
            const c = floats[at + 4]!
            const amplitude = floats[(amplitudes >> 2) + block * 4 + lane]!
            doubles[(out >> 3) + row * 4 + lane]! += fround(amplitude * fround(fround(c - s) * fround(c + s)))
          }
    },

    addValues(
      blockCount,
      rowCount,
      backgroundCount,
      n,
      pairCount,
      nodes,
      amplitudes,
      rowTurns,
      rowPhases,
      turns,
      phases,
      _scratch,
      out,
    ) {
      const scratch = createScratch(n)
      const rule = floats.subarray(nodes >> 2, (nodes >> 2) + 1 + 2 * pairCount)
      for (let block = 0; block < blockCount; block++)
        for (let row = 0; row < rowCount; row++)
          for (let lane = 0; lane < 4; lane++) {
            const place = block * rowCount + row
            scratch.sums.fill(0)
            for (let z = 0; z < backgroundCount; z++) {
              const other = block * backgroundCount + z
              const x = (rowTurns >> 2) + place * n * 8 + lane
              placeDifferences(floats, x, (turns >> 2) + other * n * 8 + lane, scratch)
              addCentre(rule[0]!, scratch)
              for (let q = 0; q < pairCount; q++) addNodes(rule[1 + 2 * q]!, rule[2 + 2 * q]!, scratch)
              addShares(
                sineOfSum(floats, (rowPhases >> 2) + place * 8 + lane, (phases >> 2) + other * 8 + lane),
                scratch,
              )
            }
            const amplitude = floats[(amplitudes >> 2) + block * 4 + lane]!
            for (let j = 0; j < n; j++)
              doubles[(out >> 3) + (row * n + j) * 4 + lane]! += fround(amplitude * scratch.sums[j]!)
          }
    },

    addPairDifferences(
      blockCount,
      pairCount,
      backgroundCount,
      n,
      signs,
      references,
      amplitudes,
      rowHalves,
      rowPhases,
      halves,
      phases,
      out,
    ) {
      for (let block = 0; block < blockCount; block++)
        for (let pair = 0; pair < pairCount; pair++)
          for (let lane = 0; lane < 4; lane++) {
            const other = block * backgroundCount + words[(references >> 2) + pair]!
            let angle = 0
            for (let j = 0; j < n; j++) {
              const x = floats[(rowHalves >> 2) + (block * n + j) * 4 + lane]!
              const difference = fround(x - floats[(halves >> 2) + (other * n + j) * 4 + lane]!)
              angle = fround(angle + fround(floats[(signs >> 2) + pair * n + j]! * difference))
            }
            const wave = sineOfSum(floats, (rowPhases >> 2) + block * 8 + lane, (phases >> 2) + other * 8 + lane)
            const amplitude = floats[(amplitudes >> 2) + block * 4 + lane]!
            doubles[(out >> 3) + pair * 4 + lane]! += fround(amplitude * fround(wave * sine(angle)))
          }
    },
  }
}

/** Of one unit: sine and cosine of the turn, suffix products, the integrand's rate and the sum over z, by player. */
interface Scratch {
  readonly sines: Float32Array
  readonly cosines: Float32Array
  readonly realSuffixes: Float32Array
  readonly imaginarySuffixes: Float32Array
  readonly rates: Float32Array
  readonly sums: Float32Array
}

function createScratch(n: number): Scratch {
  const column = (): Float32Array => new Float32Array(n)
  return {
    sines: column(),
    cosines: column(),
    realSuffixes: column(),
    imaginarySuffixes: column(),
    rates: column(),
    sums: column(),
  }
}

function placeDifferences(floats: Float32Array, x: number, z: number, { sines, cosines }: Scratch): void {
  for (let j = 0; j < sines.length; j++, x += 8, z += 8) {
    sines[j] = fround(floats[x]! * floats[z + 4]!) - fround(floats[x + 4]! * floats[z]!)
    cosines[j] = fround(floats[x + 4]! * floats[z + 4]!) + fround(floats[x]! * floats[z]!)
  }
}

/** The node t = 0, where the products are real. */
function addCentre(weight: number, { cosines, realSuffixes, rates }: Scratch): void {
  let product = 1
  for (let j = cosines.length - 1; j >= 0; j--) {
    realSuffixes[j] = product
    product = fround(product * cosines[j]!)
  }
  product = weight
  for (let j = 0; j < cosines.length; j++) {
    rates[j] = product * realSuffixes[j]!
    product = fround(product * cosines[j]!)
  }
}

/** The nodes ±t, whose products are conjugates: twice the real part. */
function addNodes(t: number, weight: number, scratch: Scratch): void {
  const { sines, cosines, realSuffixes, imaginarySuffixes, rates } = scratch
  let real = 1
  let imaginary = 0
  const multiply = (j: number): void => {
    const s = fround(t * sines[j]!)
    const next = fround(fround(real * cosines[j]!) - fround(imaginary * s))
    imaginary = fround(fround(real * s) + fround(imaginary * cosines[j]!))
    real = next
  }
  for (let j = sines.length - 1; j >= 0; j--) {
    realSuffixes[j] = real
    imaginarySuffixes[j] = imaginary
    multiply(j)
  }
  real = weight
  imaginary = 0
  for (let j = 0; j < sines.length; j++) {
    rates[j] = rates[j]! + fround(fround(real * realSuffixes[j]!) - fround(imaginary * imaginarySuffixes[j]!))
    multiply(j)
  }
}

function addShares(wave: number, { sines, rates, sums }: Scratch): void {
  for (let j = 0; j < sines.length; j++) sums[j] = sums[j]! + fround(fround(wave * sines[j]!) * rates[j]!)
}

function sineOfSum(floats: Float32Array, x: number, z: number): number {
  return fround(fround(floats[x]! * floats[z + 4]!) + fround(floats[x + 4]! * floats[z]!))
}

/** sin x at `at`, cos x four places further. */
function storeSinCos(floats: Float32Array, x: number, at: number): void {
  floats[at] = sine(x)
  floats[at + 4] = cosine(x)
}
