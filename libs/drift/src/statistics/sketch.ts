import { DDSketch } from '@datadog/sketches-js'
import { binCount } from './scale.ts'

/**
 * Contributions themselves are counted in the logarithmic bins of a DDSketch (Masson, Rim & Lee 2019): every quantile within
 * 2 %, from the resolution up to 7·10⁸ times it; beyond, the outermost bins. The counts are kept as one more histogram,
 * because the library's own `merge` forgets negative values and its stores are no plain data; it gives the bins and answers.
 */
const relativeAccuracy = 0.02
const { mapping } = new DDSketch({ relativeAccuracy })

/** The bin of zero; negative values lie below it, positive ones above, each side from small to large magnitude. */
const zeroBin = binCount / 2
const mostKeys = zeroBin - 1

/** Resolution for contributions up to `largest`: a millionth of it, so that 700 times as much still fits. */
export function resolutionFor(largest: number): number {
  return largest > 0 ? Math.max(largest / 2 ** 20, Number.MIN_VALUE) : 2 ** -20
}

export function sketchBin(contribution: number, resolution: number): number {
  const magnitude = Math.abs(contribution) / resolution
  if (!(magnitude > 1)) return zeroBin
  const key = magnitude < Infinity ? Math.min(mapping.key(magnitude), mostKeys) : mostKeys
  return contribution > 0 ? zeroBin + key : zeroBin - key
}

/** The value that stands for a bin. */
export function sketchValue(bin: number, resolution: number): number {
  if (bin === zeroBin) return 0
  const magnitude = resolution * mapping.value(Math.abs(bin - zeroBin))
  return bin > zeroBin ? magnitude : -magnitude
}

/** The library's sketch of the counted contributions, in units of the resolution. */
export function toSketch(counts: Uint32Array): DDSketch {
  const sketch = new DDSketch({ relativeAccuracy })
  counts.forEach((count, bin) => {
    if (count > 0) sketch.accept(sketchValue(bin, 1), count)
  })
  return sketch
}
