import type { Players } from '@raison/shapley'
import { layoutOf, type CosineBasis } from './cosine-basis.ts'
import type { CosineNetwork } from './cosine-network.ts'

/** The player each input u belongs to. */
export function playersOfInputs(
  { featureCount, inputCount, missingInputs }: CosineBasis,
  players: Players,
): Int32Array {
  const owners = new Int32Array(inputCount)
  for (let f = 0; f < featureCount; f++) {
    for (let map = 0; map < 3; map++) owners[map * featureCount + f] = players.ofFeature[f]!
    if (missingInputs[f]! >= 0) owners[missingInputs[f]!] = players.ofFeature[f]!
  }
  return owners
}

/** Writes what each player's inputs bring to slopes·(u, Z) to `out`, rowCount × players. `inputs` is as `writeInputs` leaves it. */
export function linearTermsInto(
  { basis, slopes }: CosineNetwork,
  players: Players,
  inputs: Float32Array,
  rowCount: number,
  out: Float64Array,
): void {
  const { waveInputs, stride } = layoutOf(basis)
  const owners = playersOfInputs(basis, players)
  out.fill(0, 0, rowCount * players.count)
  for (let row = 0; row < rowCount; row++) {
    const target = row * players.count
    for (let i = 0; i < basis.inputCount; i++) out[target + owners[i]!]! += slopes[i]! * inputs[row * stride + i]!
    for (let f = 0; f < basis.featureCount; f++)
      out[target + players.ofFeature[f]!]! += slopes[basis.inputCount + f]! * inputs[row * stride + waveInputs + f]!
  }
}

export function interceptOf({ slopes }: CosineNetwork): number {
  return slopes[slopes.length - 1]!
}
