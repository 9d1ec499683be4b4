export interface Sample {
  /** Explained so far. */
  readonly decisions: number
  /** Resident set. */
  readonly bytes: number
}

/** The section of docs/benchmarks.md. The first million shows how heap, caches and compiled code find their sizes. */
export function describeMemory(machine: string, bundle: string, samples: readonly Sample[]): string {
  const rows = Array.from({ length: 11 }, (_, k) => samples[Math.round((k / 10) * (samples.length - 1))]!)
  const slopes = slopesByMillion(samples)
  return [
    '## Memory over a long stream\n',
    `Written by \`npm run bench:memory\`. Machine: ${machine}. Resident set of one explainer (${bundle}, 4 partitions) while`,
    `${samples.at(-1)!.decisions.toLocaleString('en')} decisions go through it as fast as it takes them, ${samples.length} samples. Below, how it grows within`,
    'each million: least squares, two standard errors; in the first one after its first fifth.\n',
    `| decisions | ${rows.map(({ decisions }) => decisions.toLocaleString('en')).join(' | ')} |`,
    `|---|${'---|'.repeat(rows.length)}`,
    `| MB | ${rows.map(({ bytes }) => Math.round(bytes / 1e6)).join(' | ')} |`,
    '',
    `| million | ${slopes.map((_, k) => k + 1).join(' | ')} |`,
    `|---|${'---|'.repeat(slopes.length)}`,
    `| MB more | ${slopes.map(({ slope, error }) => `${megabytes(slope * 1e6)} ± ${megabytes(2 * error * 1e6)}`).join(' | ')} |`,
    '',
  ].join('\n')
}

/** Without the first fifth of the first million, or of what there is of it. */
function slopesByMillion(samples: readonly Sample[]): readonly { readonly slope: number; readonly error: number }[] {
  const total = samples.at(-1)!.decisions
  const millions = Math.max(1, Math.floor(total / 1e6))
  const warm = 0.2 * Math.min(1e6, total)
  return Array.from({ length: millions }, (_, k) =>
    fitLine(samples.filter(({ decisions }) => decisions >= Math.max(k * 1e6, warm) && decisions <= (k + 1) * 1e6)),
  )
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

/** Least squares: bytes a decision, and its standard error. */
export function fitLine(samples: readonly Sample[]): { readonly slope: number; readonly error: number } {
  const count = samples.length
  const [x, y] = [samples.map(({ decisions }) => decisions), samples.map(({ bytes }) => bytes)]
  const [meanX, meanY] = [x, y].map((of) => of.reduce((a, b) => a + b, 0) / count) as [number, number]
  const spreadX = x.reduce((sum, at) => sum + (at - meanX) ** 2, 0)
  const slope = x.reduce((sum, at, k) => sum + (at - meanX) * (y[k]! - meanY), 0) / spreadX
  const left = x.reduce((sum, at, k) => sum + (y[k]! - meanY - slope * (at - meanX)) ** 2, 0)
  return { slope, error: Math.sqrt(left / (count - 2) / spreadX) }
}
