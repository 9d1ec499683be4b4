/**
 * What attributing a cosine network computes, four units to a block. Addresses are bytes in one memory; a "vector" is four
 * float32, one per unit of the block. With H = weights·inputs/2 of a player (its half angle):
 *  - halves [block][row][player]: H
 *  - turns  [block][row][player]: sin H, cos H
 *  - phases [block][row]: sine and cosine of half the whole angle (bias/2 + Σ H)
 * `out` holds four float64 a number, one per unit of a block, to be summed by the caller: blocks are added in their order.
 */
export interface InferenceKernel {
  /** `inputs`: the first inputCount of every `stride` numbers; `inputPlayers`: the player of each input; `weights`, `biases` are halved already. */
  placeRows(
    blockCount: number,
    rowCount: number,
    inputCount: number,
    stride: number,
    playerCount: number,
    weights: number,
    biases: number,
    inputs: number,
    inputPlayers: number,
    halves: number,
    turns: number,
    phases: number,
  ): void

  /** out[row] += Σ amplitude·cos(angle). */
  addOutputs(blockCount: number, rowCount: number, amplitudes: number, phases: number, out: number): void

  /**
   * out[row][player] += Σ amplitude·Σ_z sin((angle of x + angle of z)/2)·s_j·Σ_q ω_q Re Π_{l≠j}(c_l + i t_q s_l), where c + i s
   * is the turn by H(x) − H(z) of a player: −½ of the Shapley value, summed over z. `nodes`: weight of the centre, then
   * t and ω of each of `pairCount` nodes. `scratch`: 6 vectors a player.
   */
  addValues(
    blockCount: number,
    rowCount: number,
    backgroundCount: number,
    playerCount: number,
    pairCount: number,
    nodes: number,
    amplitudes: number,
    rowTurns: number,
    rowPhases: number,
    turns: number,
    phases: number,
    scratch: number,
    out: number,
  ): void

  /**
   * out[pair] += Σ amplitude·sin((angle of x + angle of z)/2)·sin(Σ_j ±(H_j(x) − H_j(z))) of one row x, z the pair's background
   * row: −½ of g(x_S, z) − g(z_S, x). `signs`: pairCount × playerCount, 1 for a player in S, −1 for the others.
   */
  addPairDifferences(
    blockCount: number,
    pairCount: number,
    backgroundCount: number,
    playerCount: number,
    signs: number,
    references: number,
    amplitudes: number,
    rowHalves: number,
    rowPhases: number,
    halves: number,
    phases: number,
    out: number,
  ): void
}
