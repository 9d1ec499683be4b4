/**
 * The kernels of src/inference-twin.ts, four units to a vector; names, layouts and the order of every sum are the same
 * there, and so are the results, bit for bit. Pointers are bytes.
 */
import { sine, storeSinCos } from './sin-cos'

export function placeRows(
  blockCount: i32,
  rowCount: i32,
  inputCount: i32,
  stride: i32,
  playerCount: i32,
  weights: usize,
  biases: usize,
  inputs: usize,
  inputPlayers: usize,
  halves: usize,
  turns: usize,
  phases: usize,
): void {
  for (let block = 0; block < blockCount; block++) {
    for (let row = 0; row < rowCount; row++) {
      for (let j = 0; j < playerCount; j++) v128.store(halves + (<usize>j << 4), f32x4.splat(0))
      const values = inputs + ((<usize>row * stride) << 2)
      for (let i = 0; i < inputCount; i++) {
        const half = halves + (<usize>load<i32>(inputPlayers + (<usize>i << 2)) << 4)
        const term = f32x4.mul(v128.load32_splat(values + (<usize>i << 2)), v128.load(weights + (<usize>i << 4)))
        v128.store(half, f32x4.add(v128.load(half), term))
      }
      let phase = v128.load(biases)
      for (let j = 0; j < playerCount; j++) {
        const half = v128.load(halves + (<usize>j << 4))
        phase = f32x4.add(phase, half)
        storeSinCos(half, turns + (<usize>j << 5))
      }
      storeSinCos(phase, phases)
      halves += <usize>playerCount << 4
      turns += <usize>playerCount << 5
      phases += 32
    }
    weights += <usize>inputCount << 4
    biases += 16
  }
}

export function addOutputs(blockCount: i32, rowCount: i32, amplitudes: usize, phases: usize, out: usize): void {
  for (let block = 0; block < blockCount; block++) {
    const amplitude = v128.load(amplitudes)
    for (let row = 0; row < rowCount; row++) {
      const s = v128.load(phases)
      const c = v128.load(phases, 16)
      const wave = f32x4.mul(f32x4.sub(c, s), f32x4.add(c, s))
      addLanes(out + (<usize>row << 5), f32x4.mul(amplitude, wave))
      phases += 32
    }
    amplitudes += 16
  }
}

// @ts-ignore: decorator
@inline
function addLanes(out: usize, values: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(values)))
  const high = i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(high)), 16)
}

export function addValues(
  blockCount: i32,
  rowCount: i32,
  backgroundCount: i32,
  playerCount: i32,
  pairCount: i32,
  nodes: usize,
  amplitudes: usize,
  rowTurns: usize,
  rowPhases: usize,
  turns: usize,
  phases: usize,
  scratch: usize,
  out: usize,
): void {
  const columnBytes = <usize>playerCount << 4
  const sums = scratch + 5 * columnBytes
  const turnsBytes = <usize>playerCount << 5
  for (let block = 0; block < blockCount; block++) {
    const amplitude = v128.load(amplitudes)
    for (let row = 0; row < rowCount; row++) {
      for (let j: usize = 0; j < columnBytes; j += 16) v128.store(sums + j, f32x4.splat(0))
      const s = v128.load(rowPhases)
      const c = v128.load(rowPhases, 16)
      for (let z = 0; z < backgroundCount; z++) {
        const sz = v128.load(phases + (<usize>z << 5))
        const cz = v128.load(phases + (<usize>z << 5), 16)
        const wave = f32x4.add(f32x4.mul(s, cz), f32x4.mul(c, sz))
        placeDifferences(playerCount, rowTurns, turns + <usize>z * turnsBytes, scratch)
        addCentre(columnBytes, load<f32>(nodes), scratch)
        for (let q = 0; q < pairCount; q++)
          addPair(columnBytes, load<f32>(nodes + (<usize>q << 3), 4), load<f32>(nodes + (<usize>q << 3), 8), scratch)
        addShares(columnBytes, wave, scratch)
      }
      for (let j = 0; j < playerCount; j++)
        addLanes(out + (<usize>(row * playerCount + j) << 5), f32x4.mul(amplitude, v128.load(sums + (<usize>j << 4))))
      rowTurns += turnsBytes
      rowPhases += 32
    }
    turns += <usize>backgroundCount * turnsBytes
    phases += <usize>backgroundCount << 5
    amplitudes += 16
  }
}

/** Scratch: columns of sines, cosines, suffix products (real, imaginary), rates and sums, one vector per player each. */
// @ts-ignore: decorator
@inline
function placeDifferences(playerCount: i32, x: usize, z: usize, scratch: usize): void {
  const columnBytes = <usize>playerCount << 4
  for (let j = 0; j < playerCount; j++) {
    const sx = v128.load(x)
    const cx = v128.load(x, 16)
    const sz = v128.load(z)
    const cz = v128.load(z, 16)
    v128.store(scratch, f32x4.sub(f32x4.mul(sx, cz), f32x4.mul(cx, sz)))
    v128.store(scratch + columnBytes, f32x4.add(f32x4.mul(cx, cz), f32x4.mul(sx, sz)))
    x += 32
    z += 32
    scratch += 16
  }
}

// @ts-ignore: decorator
@inline
function addCentre(columnBytes: usize, weight: f32, scratch: usize): void {
  const cosines = scratch + columnBytes
  const suffixes = scratch + 2 * columnBytes
  const rates = scratch + 4 * columnBytes
  let product = f32x4.splat(1)
  for (let j = columnBytes; j > 0; ) {
    j -= 16
    v128.store(suffixes + j, product)
    product = f32x4.mul(product, v128.load(cosines + j))
  }
  product = f32x4.splat(weight)
  for (let j: usize = 0; j < columnBytes; j += 16) {
    v128.store(rates + j, f32x4.mul(product, v128.load(suffixes + j)))
    product = f32x4.mul(product, v128.load(cosines + j))
  }
}

// @ts-ignore: decorator
@inline
function addPair(columnBytes: usize, node: f32, weight: f32, scratch: usize): void {
  const cosines = scratch + columnBytes
  const realSuffixes = scratch + 2 * columnBytes
  const imaginarySuffixes = scratch + 3 * columnBytes
  const rates = scratch + 4 * columnBytes
  const t = f32x4.splat(node)
  let real = f32x4.splat(1)
  let imaginary = f32x4.splat(0)
  for (let j = columnBytes; j > 0; ) {
    j -= 16
    v128.store(realSuffixes + j, real)
    v128.store(imaginarySuffixes + j, imaginary)
    const c = v128.load(cosines + j)
    const s = f32x4.mul(t, v128.load(scratch + j))
    const next = f32x4.sub(f32x4.mul(real, c), f32x4.mul(imaginary, s))
    imaginary = f32x4.add(f32x4.mul(real, s), f32x4.mul(imaginary, c))
    real = next
  }
  real = f32x4.splat(weight)
  imaginary = f32x4.splat(0)
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const rest = f32x4.sub(
      f32x4.mul(real, v128.load(realSuffixes + j)),
      f32x4.mul(imaginary, v128.load(imaginarySuffixes + j)),
    )
    v128.store(rates + j, f32x4.add(v128.load(rates + j), rest))
    const c = v128.load(cosines + j)
    const s = f32x4.mul(t, v128.load(scratch + j))
    const next = f32x4.sub(f32x4.mul(real, c), f32x4.mul(imaginary, s))
    imaginary = f32x4.add(f32x4.mul(real, s), f32x4.mul(imaginary, c))
    real = next
  }
}

// @ts-ignore: decorator
@inline
function addShares(columnBytes: usize, wave: v128, scratch: usize): void {
  const rates = scratch + 4 * columnBytes
  const sums = scratch + 5 * columnBytes
  for (let j: usize = 0; j < columnBytes; j += 16) {
    const share = f32x4.mul(f32x4.mul(wave, v128.load(scratch + j)), v128.load(rates + j))
    v128.store(sums + j, f32x4.add(v128.load(sums + j), share))
  }
}

export function addPairDifferences(
  blockCount: i32,
  pairCount: i32,
  backgroundCount: i32,
  playerCount: i32,
  signs: usize,
  references: usize,
  amplitudes: usize,
  rowHalves: usize,
  rowPhases: usize,
  halves: usize,
  phases: usize,
  out: usize,
): void {
  const halvesBytes = <usize>playerCount << 4
  for (let block = 0; block < blockCount; block++) {
    const amplitude = v128.load(amplitudes)
    const s = v128.load(rowPhases)
    const c = v128.load(rowPhases, 16)
    for (let pair = 0; pair < pairCount; pair++) {
      const z = <usize>load<i32>(references + (<usize>pair << 2))
      const half = halves + z * halvesBytes
      const sign = signs + ((<usize>pair * playerCount) << 2)
      let angle = f32x4.splat(0)
      for (let j = 0; j < playerCount; j++) {
        const difference = f32x4.sub(v128.load(rowHalves + (<usize>j << 4)), v128.load(half + (<usize>j << 4)))
        angle = f32x4.add(angle, f32x4.mul(v128.load32_splat(sign + (<usize>j << 2)), difference))
      }
      const sz = v128.load(phases + (z << 5))
      const cz = v128.load(phases + (z << 5), 16)
      const wave = f32x4.add(f32x4.mul(s, cz), f32x4.mul(c, sz))
      addLanes(out + (<usize>pair << 5), f32x4.mul(amplitude, f32x4.mul(wave, sine(angle))))
    }
    rowHalves += halvesBytes
    rowPhases += 32
    halves += <usize>backgroundCount * halvesBytes
    phases += <usize>backgroundCount << 5
    amplitudes += 16
  }
}
