/**
 * One step of training: gradients of a batch, then Adam. Units go in blocks of 8 (two vectors), rows in tiles small enough
 * for their waves to stay in the cache; pointers are bytes. A parameter block holds weights [block][input][8],
 * biases [unit], amplitudes [unit], slopes [stride]; gradients have the same layout.
 */
import { storeSinCos } from './sin-cos'

const tileRows: i32 = 32

/** Gradients of ½·mean squared error; returns the batch's sum of squared errors. `rowCount` is a multiple of 4. */
export function addGradients(
  rowCount: i32,
  inputCount: i32,
  stride: i32,
  unitCount: i32,
  inputs: usize,
  targets: usize,
  parameters: usize,
  gradients: usize,
  errors: usize,
  waves: usize,
): f64 {
  const total = (<usize>(unitCount * (inputCount + 2) + stride)) << 2
  for (let i: usize = 0; i < total; i += 16) v128.store(gradients + i, f32x4.splat(0))
  const share = <f32>1 / <f32>rowCount
  let loss: f64 = 0
  for (let first = 0; first < rowCount; first += tileRows) {
    const rows = min(tileRows, rowCount - first)
    const tile = inputs + ((<usize>first * stride) << 2)
    predict(rows, inputCount, stride, unitCount, tile, parameters, errors, waves)
    for (let r = 0; r < rows; r++) {
      const lanes = v128.load(errors + (<usize>r << 4))
      const output =
        f32x4.extract_lane(lanes, 0) +
        f32x4.extract_lane(lanes, 1) +
        (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
      const error = output - load<f32>(targets + (<usize>(first + r) << 2))
      loss += <f64>error * <f64>error
      v128.store(errors + (<usize>r << 4), f32x4.splat(error * share))
    }
    addTileGradients(rows, inputCount, stride, unitCount, tile, parameters, gradients, errors, waves)
  }
  return loss
}

/** Waves: [block][row][sin 4, cos 4, sin 4, cos 4]. Errors: four partial sums of the output per row. */
function predict(
  rows: i32,
  inputCount: i32,
  stride: i32,
  unitCount: i32,
  inputs: usize,
  parameters: usize,
  outputs: usize,
  waves: usize,
): void {
  const rowBytes = <usize>stride << 2
  let biases = parameters + ((<usize>unitCount * inputCount) << 2)
  let amplitudes = biases + (<usize>unitCount << 2)
  const slopes = amplitudes + (<usize>unitCount << 2)
  for (let r = 0; r < rows; r++) {
    let output = f32x4.splat(0)
    for (let i: usize = 0; i < rowBytes; i += 16)
      output = f32x4.add(output, f32x4.mul(v128.load(inputs + <usize>r * rowBytes + i), v128.load(slopes + i)))
    v128.store(outputs + (<usize>r << 4), output)
  }
  for (let unit = 0; unit < unitCount; unit += 8) {
    const b0 = v128.load(biases)
    const b1 = v128.load(biases, 16)
    const c0 = v128.load(amplitudes)
    const c1 = v128.load(amplitudes, 16)
    for (let r = 0; r < rows; r += 4) {
      const row = inputs + <usize>r * rowBytes
      let a00 = b0, a01 = b1, a10 = b0, a11 = b1, a20 = b0, a21 = b1, a30 = b0, a31 = b1
      let w = parameters
      const end = row + (<usize>inputCount << 2)
      for (let u = row; u < end; u += 4) {
        const w0 = v128.load(w)
        const w1 = v128.load(w, 16)
        let x = v128.load32_splat(u)
        a00 = f32x4.add(a00, f32x4.mul(x, w0))
        a01 = f32x4.add(a01, f32x4.mul(x, w1))
        x = v128.load32_splat(u + rowBytes)
        a10 = f32x4.add(a10, f32x4.mul(x, w0))
        a11 = f32x4.add(a11, f32x4.mul(x, w1))
        x = v128.load32_splat(u + 2 * rowBytes)
        a20 = f32x4.add(a20, f32x4.mul(x, w0))
        a21 = f32x4.add(a21, f32x4.mul(x, w1))
        x = v128.load32_splat(u + 3 * rowBytes)
        a30 = f32x4.add(a30, f32x4.mul(x, w0))
        a31 = f32x4.add(a31, f32x4.mul(x, w1))
        w += 32
      }
      storeWave(a00, a01, c0, c1, waves, outputs + (<usize>r << 4))
      storeWave(a10, a11, c0, c1, waves + 64, outputs + (<usize>r << 4) + 16)
      storeWave(a20, a21, c0, c1, waves + 128, outputs + (<usize>r << 4) + 32)
      storeWave(a30, a31, c0, c1, waves + 192, outputs + (<usize>r << 4) + 48)
      waves += 256
    }
    parameters += <usize>inputCount << 5
    biases += 32
    amplitudes += 32
  }
}

// @ts-ignore: decorator
@inline
function storeWave(a0: v128, a1: v128, c0: v128, c1: v128, wave: usize, output: usize): void {
  storeSinCos(a0, wave)
  storeSinCos(a1, wave + 32)
  const sum = f32x4.add(f32x4.mul(c0, v128.load(wave, 16)), f32x4.mul(c1, v128.load(wave, 48)))
  v128.store(output, f32x4.add(v128.load(output), sum))
}

function addTileGradients(
  rows: i32,
  inputCount: i32,
  stride: i32,
  unitCount: i32,
  inputs: usize,
  parameters: usize,
  gradients: usize,
  errors: usize,
  waves: usize,
): void {
  const rowBytes = <usize>stride << 2
  const wavesBytes = <usize>rows << 6
  const biasOffset = (<usize>unitCount * inputCount) << 2
  const unitBytes = <usize>unitCount << 2
  let biases = gradients + biasOffset
  let amplitudes = parameters + biasOffset + unitBytes
  const slopes = biases + 2 * unitBytes
  for (let i: usize = 0; i < rowBytes; i += 16) {
    let sum = v128.load(slopes + i)
    for (let r = 0; r < rows; r++)
      sum = f32x4.add(sum, f32x4.mul(v128.load(errors + (<usize>r << 4)), v128.load(inputs + <usize>r * rowBytes + i)))
    v128.store(slopes + i, sum)
  }
  for (let unit = 0; unit < unitCount; unit += 8) {
    const c0 = f32x4.neg(v128.load(amplitudes))
    const c1 = f32x4.neg(v128.load(amplitudes, 16))
    let gb0 = v128.load(biases)
    let gb1 = v128.load(biases, 16)
    let gc0 = v128.load(biases + unitBytes)
    let gc1 = v128.load(biases + unitBytes, 16)
    for (let r: usize = 0; r < <usize>rows; r++) {
      const wave = waves + (r << 6)
      const error = v128.load(errors + (r << 4))
      gc0 = f32x4.add(gc0, f32x4.mul(error, v128.load(wave, 16)))
      gc1 = f32x4.add(gc1, f32x4.mul(error, v128.load(wave, 48)))
      const s0 = f32x4.mul(f32x4.mul(error, c0), v128.load(wave))
      const s1 = f32x4.mul(f32x4.mul(error, c1), v128.load(wave, 32))
      gb0 = f32x4.add(gb0, s0)
      gb1 = f32x4.add(gb1, s1)
      v128.store(wave, s0)
      v128.store(wave, s1, 32)
    }
    v128.store(biases, gb0)
    v128.store(biases, gb1, 16)
    v128.store(biases + unitBytes, gc0)
    v128.store(biases + unitBytes, gc1, 16)

    for (let i = 0; i < inputCount; i += 4) {
      let u = inputs + (<usize>i << 2)
      let g00 = v128.load(gradients), g01 = v128.load(gradients, 16)
      let g10 = v128.load(gradients, 32), g11 = v128.load(gradients, 48)
      let g20 = v128.load(gradients, 64), g21 = v128.load(gradients, 80)
      let g30 = v128.load(gradients, 96), g31 = v128.load(gradients, 112)
      for (let wave = waves; wave < waves + wavesBytes; wave += 64) {
        const s0 = v128.load(wave)
        const s1 = v128.load(wave, 32)
        let x = v128.load32_splat(u)
        g00 = f32x4.add(g00, f32x4.mul(x, s0))
        g01 = f32x4.add(g01, f32x4.mul(x, s1))
        x = v128.load32_splat(u, 4)
        g10 = f32x4.add(g10, f32x4.mul(x, s0))
        g11 = f32x4.add(g11, f32x4.mul(x, s1))
        x = v128.load32_splat(u, 8)
        g20 = f32x4.add(g20, f32x4.mul(x, s0))
        g21 = f32x4.add(g21, f32x4.mul(x, s1))
        x = v128.load32_splat(u, 12)
        g30 = f32x4.add(g30, f32x4.mul(x, s0))
        g31 = f32x4.add(g31, f32x4.mul(x, s1))
        u += rowBytes
      }
      v128.store(gradients, g00)
      v128.store(gradients, g01, 16)
      v128.store(gradients, g10, 32)
      v128.store(gradients, g11, 48)
      v128.store(gradients, g20, 64)
      v128.store(gradients, g21, 80)
      v128.store(gradients, g30, 96)
      v128.store(gradients, g31, 112)
      gradients += 128
    }
    waves += wavesBytes
    biases += 32
    amplitudes += 32
  }
}

/** Adam (Kingma & Ba 2015) with β = .9, .999; `firstScale` = 1/(1 − .9ᵗ), `secondScale` = 1/(1 − .999ᵗ). */
export function moveParameters(
  count: i32,
  parameters: usize,
  gradients: usize,
  firstMoments: usize,
  secondMoments: usize,
  rate: f32,
  firstScale: f32,
  secondScale: f32,
): void {
  const end = <usize>count << 2
  const step = f32x4.splat(rate * firstScale)
  const scale = f32x4.splat(secondScale)
  for (let i: usize = 0; i < end; i += 16) {
    const g = v128.load(gradients + i)
    let m = v128.load(firstMoments + i)
    let v = v128.load(secondMoments + i)
    m = f32x4.add(m, f32x4.mul(f32x4.splat(0.1), f32x4.sub(g, m)))
    v = f32x4.add(v, f32x4.mul(f32x4.splat(0.001), f32x4.sub(f32x4.mul(g, g), v)))
    v128.store(firstMoments + i, m)
    v128.store(secondMoments + i, v)
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(scale, v)), f32x4.splat(1e-8))
    v128.store(parameters + i, f32x4.sub(v128.load(parameters + i), f32x4.div(f32x4.mul(step, m), root)))
  }
}
