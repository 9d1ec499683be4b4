/**
 * Sines and cosines of four angles. An angle is brought to [−π/2, π/2] by a whole number of π, in three parts so that the
 * difference keeps its bits; there the Taylor series end below the rounding of float32.
 */

// @ts-ignore: decorator
@inline
export function storeSinCos(x: v128, out: usize): void {
  const turns = halfTurns(x)
  const r = remainder(x, turns)
  v128.store(out, sineNear(r, turns))
  v128.store(out, cosineNear(r, turns), 16)
}

// @ts-ignore: decorator
@inline
export function sine(x: v128): v128 {
  const turns = halfTurns(x)
  return sineNear(remainder(x, turns), turns)
}

// @ts-ignore: decorator
@inline
function halfTurns(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(0.318309886183790671538)))
}

// @ts-ignore: decorator
@inline
function remainder(x: v128, turns: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(turns, f32x4.splat(3.140625)))
  r = f32x4.sub(r, f32x4.mul(turns, f32x4.splat(9.67502593994140625e-4)))
  return f32x4.sub(r, f32x4.mul(turns, f32x4.splat(1.509957990978376432e-7)))
}

// @ts-ignore: decorator
@inline
function sineNear(r: v128, turns: v128): v128 {
  const z = f32x4.mul(r, r)
  let s = f32x4.add(f32x4.mul(z, f32x4.splat(-1.0 / 39916800)), f32x4.splat(1.0 / 362880))
  s = f32x4.add(f32x4.mul(z, s), f32x4.splat(-1.0 / 5040))
  s = f32x4.add(f32x4.mul(z, s), f32x4.splat(1.0 / 120))
  s = f32x4.add(f32x4.mul(z, s), f32x4.splat(-1.0 / 6))
  s = f32x4.add(f32x4.mul(f32x4.mul(z, s), r), r)
  return v128.xor(s, signOf(turns))
}

// @ts-ignore: decorator
@inline
function cosineNear(r: v128, turns: v128): v128 {
  const z = f32x4.mul(r, r)
  let c = f32x4.add(f32x4.mul(z, f32x4.splat(1.0 / 479001600)), f32x4.splat(-1.0 / 3628800))
  c = f32x4.add(f32x4.mul(z, c), f32x4.splat(1.0 / 40320))
  c = f32x4.add(f32x4.mul(z, c), f32x4.splat(-1.0 / 720))
  c = f32x4.add(f32x4.mul(z, c), f32x4.splat(1.0 / 24))
  c = f32x4.add(f32x4.mul(z, c), f32x4.splat(-0.5))
  c = f32x4.add(f32x4.mul(z, c), f32x4.splat(1))
  return v128.xor(c, signOf(turns))
}

/** The sign bit where the number of half turns is odd. */
// @ts-ignore: decorator
@inline
function signOf(turns: v128): v128 {
  return i32x4.shl(i32x4.trunc_sat_f32x4_s(turns), 31)
}
