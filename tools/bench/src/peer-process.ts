import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The Python process: one question at a time, each answered by one line. */
export interface PeerProcess {
  /** Throws when the process ends; a question that Python could not answer comes back as `{ error }`. */
  ask<Answer>(question: object): Promise<Answer | { readonly error: string }>
  close(): void
}

const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' }

export function startPeers(python: string, script: string): PeerProcess {
  const child = spawn(python, [script], { env: { ...process.env, ...oneThread }, stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      child.stdin.write(JSON.stringify(question) + '\n')
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`the Python side ended at ${JSON.stringify(question)}; its output is above`)
      return JSON.parse(value)
    },
    close: () => child.stdin.end(),
  }
}
