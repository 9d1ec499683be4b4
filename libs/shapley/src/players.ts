/** Who shares the payout of the game: single features, or groups of features (one-hot columns) that act as one. */
export interface Players {
  readonly count: number
  /** Player of each feature, by feature index. */
  readonly ofFeature: Int32Array
}

/** Reference rows of the game: row-major, one float32 per feature, NaN where missing. */
export interface Background {
  readonly rows: Float32Array
  readonly rowCount: number
}
