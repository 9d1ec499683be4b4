/** Steps of a long work as they go on, some side by side. */
export interface Steps {
  /** `share` of the step is done, 0 … 1. */
  show(progress: { readonly step: string; readonly share: number }): void
  /** No step is left half said. */
  end(): void
}

/** On a terminal one line a step, of which the last tells how far the work is; elsewhere a line where a step begins and ends. */
export function showSteps(out: NodeJS.WriteStream): Steps {
  const shares = new Map<string, number>()
  const finish = (step: string): void => void out.write(`${out.isTTY ? wipe : ''}${step}: done\n`)
  const showOpen = (): void => {
    const open = [...shares].filter(([, share]) => share < 1)
    if (out.isTTY) out.write(wipe + open.map(([step, share]) => `${step}: ${Math.floor(100 * share)} %`).join(', '))
  }
  return {
    show({ step, share }) {
      const before = shares.get(step)
      if (before === 1) return
      shares.set(step, share)
      if (share >= 1) finish(step)
      else if (before === undefined && !out.isTTY) out.write(`${step} …\n`)
      showOpen()
    },
    end: () => void (out.isTTY && out.write(wipe)),
  }
}

/** To the line's beginning, and what it held is gone. */
const wipe = '\r\x1b[2K'
