/** Compiles kernel/assembly to src/kernel-bytes.ts: `npm run build:kernel -w @raison/surrogate`. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd']

/** The module that the sources give; the same bytes for the same sources and compiler. */
export async function compileKernel(): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined
  const baseDir = fileURLToPath(new URL('.', import.meta.url))
  const { error, stderr } = await asc.main(
    ['assembly/index.ts', '--baseDir', baseDir, '--outFile', 'kernel.wasm', ...options],
    {
      writeFile(name, contents) {
        if (name === 'kernel.wasm' && typeof contents !== 'string') compiled = contents
      },
    },
  )
  if (error !== null || compiled === undefined) throw new Error(`the kernel does not compile: ${stderr.toString()}`)
  return compiled
}

/** Text of src/kernel-bytes.ts. */
export function renderKernel(bytes: Uint8Array): string {
  return `/** WebAssembly built from kernel/assembly by \`npm run build:kernel -w @raison/surrogate\`, in base64. */
export const kernelBase64: string =
  '${Buffer.from(bytes).toString('base64')}'
`
}

if (import.meta.main)
  await writeFile(new URL('../src/kernel-bytes.ts', import.meta.url), renderKernel(await compileKernel()))
